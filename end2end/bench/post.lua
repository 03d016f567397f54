-- wrk: the same form again and again, each time from another address, so that no throttle has reason to step in.
local body, count, wrong = "", 0, 0

function init(args)
  body = args[1]
end

function request()
  count = count + 1
  local address = string.format("10.%d.%d.%d", math.floor(count / 65536) % 256, math.floor(count / 256) % 256, count % 256)
  return wrk.format("POST", nil, {
    ["Content-Type"] = "application/x-www-form-urlencoded",
    ["Sec-Fetch-Site"] = "same-origin",
    ["Sec-Fetch-Mode"] = "navigate",
    ["Sec-Fetch-User"] = "?1",
    ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) bench",
    ["X-Forwarded-For"] = address,
  }, body)
end

function response(status)
  if status ~= 303 then
    wrong = wrong + 1
    if wrong == 1 then io.stderr:write("bench: an answer was " .. status .. ", not 303\n") end
  end
end
