-- wrk: the same POST again and again; the body is given after "--".
function init(args)
  wrk.method = "POST"
  wrk.body = args[1]
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Sec-Fetch-Site"] = "same-origin"
  wrk.headers["Sec-Fetch-User"] = "?1"
end

function response(status)
  if status ~= 303 then wrong = (wrong or 0) + 1 end
end
