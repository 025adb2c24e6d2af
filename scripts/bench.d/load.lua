-- For wrk: reports a run as one line of JSON, and signs in as one account after the other where that is asked for.
--
--   wrk … -s load.lua URL               GET URL
--   wrk … -s load.lua URL -- ACCOUNTS   POST the credentials of bench-0@example.test, bench-1@… in turn to URL

local posts, turn, threads = {}, 0, {}
-- Sign-ins that were answered 503: the server's own bound, which a client is asked to respect. Global, to be read by `done`.
refused = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  for account = 1, tonumber(args[1] or "0") do
    local body = string.format('{"email":"bench-%d@example.test","password":"correct horse battery"}', account - 1)
    posts[account] = wrk.format("POST", nil, { ["Host"] = wrk.headers["Host"], ["Content-Type"] = "application/json" }, body)
  end
  -- Without these functions the same bytes are sent each time and no answer is looked at, which costs the client nothing.
  if #posts > 0 then
    function request()
      turn = turn % #posts + 1
      return posts[turn]
    end
    function response(status)
      if status == 503 then
        refused = refused + 1
      end
    end
  end
end

-- Only answers below 400 count as done; everything else is refused or an error.
function done(summary, latency)
  local failed, turned_away = summary.errors, 0
  for _, thread in ipairs(threads) do
    turned_away = turned_away + thread:get("refused")
  end
  local errors = failed.status + failed.connect + failed.read + failed.write + failed.timeout - turned_away
  io.write(string.format(
    'RESULT {"rps":%.3f,"p50":%.4f,"p99":%.4f,"max":%.4f,"errors":%d,"refused":%d}\n',
    (summary.requests - failed.status) / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, errors, turned_away
  ))
end
