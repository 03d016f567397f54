// Attachments go straight to the storage, large ones in pieces; what was cut off goes on where it stopped.
const AT_ONCE = 3;
const TRIES = 6;

export function attach(root) {
  const form = root.querySelector("form[data-attach]");
  form?.addEventListener("submit", async (event) => {
    const files = [...form.elements.file.files];
    // Nothing chosen: the server says so on the page.
    if (files.length === 0) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    form.querySelector("[data-sendings]").replaceChildren();
    let all = true;
    for (const file of files) all = (await send(form, file, lineFor(form, file))) && all;
    button.disabled = false;
    form.reset();
    if (all) root.location.reload();
  });
}

async function send(form, file, line) {
  let way = "";
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const sending = await post(form.dataset.attach, { kind: form.elements.kind.value, name: file.name, size: file.size, way });
      await put(sending, file, (done) => line.show(done));
      await post(sending.arrived, {});
      line.say("sent");
      return true;
    } catch (error) {
      if (error.refused) return line.say(error.message, "bad"), false;
      line.say(`broke off, trying again (${tries} of ${TRIES})`, "warn");
      // A bucket that cannot be reached from here: Gatehouse takes the bytes itself.
      if (error.unreachable && tries > 1) way = "house";
      await new Promise((next) => setTimeout(next, 1000 * 2 ** (tries - 1)));
    }
  }
  return line.say("did not arrive; choose it again later, and what was sent counts", "bad"), false;
}

async function post(url, fields) {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers: { accept: "application/json" } });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok && !answer.redirected) return said;
  const later = answer.status === 409 || answer.status >= 500;
  throw Object.assign(new Error(said.detail ?? "could not be sent; load the page again"), { refused: !later });
}

// Puts what is missing, some pieces at a time, and tells how many bytes are there.
async function put(sending, file, tell) {
  const queue = [...sending.pieces];
  const done = new Map();
  const told = () => tell(sending.there + [...done.values()].reduce((sum, bytes) => sum + bytes, 0));
  told();
  const worker = async () => {
    for (let piece; (piece = queue.shift()); told()) {
      const { from, to } = piece;
      await putPiece(piece, file.slice(from, to), (bytes) => (done.set(from, bytes), told()));
      done.set(from, to - from);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

// fetch tells nothing of how far a body has come.
function putPiece(piece, body, tell) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const fail = (unreachable) => failed(Object.assign(new Error("broke off"), { unreachable }));
    request.open("PUT", piece.url);
    for (const [name, value] of piece.headers) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => tell(event.loaded);
    request.onload = () => (request.status < 300 ? done() : fail(request.status < 500));
    request.onerror = () => fail(true);
    request.send(body);
  });
}

// The file's line: its name, a bar, a number.
function lineFor(form, file) {
  const line = document.createElement("li");
  const bar = Object.assign(document.createElement("progress"), { max: file.size || 1, value: 0 });
  const word = Object.assign(document.createElement("span"), { className: "num" });
  bar.setAttribute("aria-label", `Sending ${file.name}`);
  line.append(Object.assign(document.createElement("span"), { textContent: file.name }), bar, word);
  form.querySelector("[data-sendings]").append(line);
  const percent = (bytes) => `${Math.floor((100 * bytes) / (file.size || 1))} %`;
  return {
    show: (bytes) => ((bar.value = bytes), (word.textContent = percent(bytes))),
    say: (text, tone = "ok") => ((word.textContent = text), (line.className = tone)),
  };
}
