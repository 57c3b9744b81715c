import { ROLE_FILE, ROLE_SECONDS } from './layout';

/**
 * HAProxy's answer for its own pod: `GET /primary` and `GET /replica` are 200 when that is the server's role, 503 otherwise;
 * `/replica` of a primary and of a server that is about to stop is 404, at which routers let the reads there go on.
 * `GET /metrics` are its figures. Reads what role.sh writes; a file that got old says nothing any more.
 * @see https://docs.haproxy.org/3.2/configuration.html#4.2-http-request%20use-service
 */
export const roleLua = (): string => `local function look()
  local file = io.open('${ROLE_FILE}', 'r')
  if not file then return 'none', '' end
  local text = file:read('a')
  file:close()
  local time, role, figures = text:match('^(%d+) (%S+)[^\\n]*\\n(.*)$')
  if not time or core.now().sec - tonumber(time) > ${ROLE_SECONDS} then return 'none', '' end
  return role, figures
end

core.register_service('role', 'http', function(applet)
  local role, figures = look()
  local status, body = 404, 'ask for /primary, /replica or /metrics\\n'
  if applet.path == '/metrics' then
    figures = 'database_up ' .. (figures == '' and 0 or 1) .. '\\n' .. figures
    status, body = 200, figures:gsub('([%w_]+) [^\\n]*\\n', '# TYPE %1 gauge\\n%0')
  elseif applet.path == '/primary' or applet.path == '/replica' then
    local ends = applet.path == '/replica' and (role == 'primary' or role == 'leaving')
    status, body = applet.path == '/' .. role and 200 or ends and 404 or 503, role .. '\\n'
  end
  applet:set_status(status)
  applet:add_header('content-type', 'text/plain; version=0.0.4')
  applet:add_header('content-length', tostring(#body))
  applet:start_response()
  applet:send(body)
end)
`;
