-- wrk -s wrk.lua URL -- TOKEN BODY PREFIX: posts BODY with each MEMBER in it replaced by PREFIX and a number.
local n, body, prefix = 0, "", ""

function init(args)
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  body, prefix = args[2], args[3]
end

function request()
  n = n + 1
  return wrk.format(nil, nil, nil, (body:gsub("MEMBER", prefix .. n)))
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.status + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration, failed))
end
