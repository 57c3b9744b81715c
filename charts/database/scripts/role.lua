-- HAProxy's answer for its own pod: `GET /primary` and `GET /replica` are 200 when that is the server's role and 503 otherwise.
-- `/replica` of a primary and of a server that is about to stop is 404: routers then send no new session there and keep
-- existing ones. `GET /metrics` returns the server's metrics for Prometheus.
-- The state is reported from here, because a silent server writes nothing.
--
-- `GET /router` is 200, or 404 when the router is about to stop: an app's router then opens no new session through it.
--
-- Arguments of lua-load: the file that role.sh writes, its age in seconds from which it is ignored, and the file that
-- exists while the router is about to stop.
-- https://docs.haproxy.org/3.2/configuration.html#3.1-lua-load
local path, seconds, draining = ...
seconds = tonumber(seconds)

local function look()
  local file = io.open(path, 'r')
  if not file then return 'none', 'silent', '' end
  local text = file:read('a')
  file:close()
  local time, role, state, metrics = text:match('^(%d+) (%S+) (%S+)[^\n]*\n(.*)$')
  if not time or core.now().sec - tonumber(time) > seconds then return 'none', 'silent', '' end
  return role, state, metrics
end

local function drains()
  local file = io.open(draining, 'r')
  if not file then return false end
  file:close()
  return true
end

core.register_service('role', 'http', function(applet)
  local role, state, metrics = look()
  local status, body = 404, 'ask for /primary, /replica, /router or /metrics\n'
  if applet.path == '/metrics' then
    local serves = role == 'primary' or role == 'replica'
    metrics = 'database_up ' .. (state == 'silent' and 0 or 1) .. '\n' ..
      'database_in_service ' .. (serves and 1 or 0) .. '\n' ..
      'database_state{state="' .. state .. '"} 1\n' .. metrics
    status, body = 200, metrics:gsub('([%w_]+)[^ \n]* [^\n]*\n', '# TYPE %1 gauge\n%0')
  elseif applet.path == '/router' then
    if drains() then body = 'is about to stop\n' else status, body = 200, 'leads\n' end
  elseif applet.path == '/primary' or applet.path == '/replica' then
    local ends = applet.path == '/replica' and (role == 'primary' or role == 'leaving')
    status, body = applet.path == '/' .. role and 200 or ends and 404 or 503, state .. '\n'
  end
  applet:set_status(status)
  applet:add_header('content-type', 'text/plain; version=0.0.4')
  applet:add_header('content-length', tostring(#body))
  applet:start_response()
  applet:send(body)
end)
