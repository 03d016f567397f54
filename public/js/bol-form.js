// The bill's form: weights add up while typing, and a choice of the address book is used at once.
export function bolForm(root) {
  const form = root.querySelector("form.bol-form");
  if (!form) return;
  form.addEventListener("input", (event) => {
    const line = event.target.closest("[data-line]");
    if (!line) return;
    if (/\.(gross|tare)$/.test(event.target.name)) fillNet(line);
    addUp(form);
  });
  for (const row of form.querySelectorAll("[data-pick]")) {
    row.querySelector("select")?.addEventListener("change", (event) => {
      if (event.target.value !== "") form.requestSubmit(row.querySelector("button"));
    });
  }
}

const field = (line, name) => line.querySelector(`input[name$=".${name}"]`);

// Thousandths as an integer, as the server counts; null for what is no weight.
function milli(input) {
  const text = (input?.value ?? "").replace(/[,\s]/g, "");
  if (!/^\d{1,9}(\.\d{0,3})?$/.test(text)) return null;
  const [whole, decimals = ""] = text.split(".");
  return Number(whole) * 1000 + Number(decimals.padEnd(3, "0"));
}

function write(milli) {
  const decimals = String(milli % 1000).padStart(3, "0").replace(/0+$/, "");
  const whole = Math.floor(milli / 1000).toLocaleString("en-US");
  return decimals ? `${whole}.${decimals}` : whole;
}

function fillNet(line) {
  const [gross, tare] = [milli(field(line, "gross")), milli(field(line, "tare"))];
  if (gross !== null && tare !== null && gross > tare) field(line, "net").value = write(gross - tare);
}

function addUp(form) {
  for (const output of form.querySelectorAll("[data-total]")) {
    const weights = [...form.querySelectorAll("[data-line]")].map((line) => milli(field(line, output.dataset.total)));
    const known = weights.filter((weight) => weight !== null);
    output.textContent = known.length === 0 ? "–" : write(known.reduce((sum, weight) => sum + weight, 0));
  }
}
