-- For wrk: reports a run as one line of JSON, and signs in as one account after the other where that is asked for.
--
--   wrk … -s load.lua URL               GET URL
--   wrk … -s load.lua URL -- ACCOUNTS   POST the credentials of bench-0@example.test, bench-1@… in turn to URL

local posts, turn = {}, 0

function init(args)
  for account = 1, tonumber(args[1] or "0") do
    local body = string.format('{"email":"bench-%d@example.test","password":"correct horse battery"}', account - 1)
    posts[account] = wrk.format("POST", nil, { ["Host"] = wrk.headers["Host"], ["Content-Type"] = "application/json" }, body)
  end
  -- Without this function the same bytes are sent each time, which costs the client nothing.
  if #posts > 0 then
    function request()
      turn = turn % #posts + 1
      return posts[turn]
    end
  end
end

-- Only answers below 400 count as done; everything else is an error.
function done(summary, latency)
  local failed = summary.errors
  local seconds = summary.duration / 1e6
  local errors = failed.status + failed.connect + failed.read + failed.write + failed.timeout
  io.write(string.format(
    'RESULT {"rps":%.3f,"p50":%.4f,"p99":%.4f,"max":%.4f,"errors":%d}\n',
    (summary.requests - failed.status) / seconds,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, errors
  ))
end
