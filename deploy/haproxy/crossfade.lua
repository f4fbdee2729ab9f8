-- Asks a sidecar (mode: forward-auth) about a request, with the HTTP client of HAProxy 2.6 and newer. Sets of the transaction:
-- crossfade_status (its status; 503 without a response), and what its response says.
local IDENTITY = { 'crossfade-audience', 'crossfade-subject', 'crossfade-client', 'crossfade-scope' }
-- What a token, a DPoP proof and a CORS preflight consist of.
local SHOWN = {
  'authorization', 'dpop', 'origin', 'access-control-request-method',
  'x-http-method-override', 'x-http-method', 'x-method-override',
}

local function all(headers, name)
  local values = headers[name]
  if values == nil then return nil end
  local list = {}
  local index = 0
  while values[index] ~= nil do
    list[#list + 1] = values[index]
    index = index + 1
  end
  return list
end

core.register_action('crossfade', { 'http-req' }, function(txn, url)
  local given = txn.http:req_get_headers()
  local asked = {
    ['x-forwarded-method'] = { txn.sf:method() },
    ['x-forwarded-uri'] = { txn.sf:pathq() },
    ['x-forwarded-proto'] = { txn.sf:ssl_fc() == 1 and 'https' or 'http' },
    ['x-forwarded-for'] = { txn.sf:src() },
  }
  local host = all(given, 'host')
  if host ~= nil then asked['x-forwarded-host'] = host end
  for _, name in ipairs(SHOWN) do asked[name] = all(given, name) end
  -- A preflight has no body: what has one is not shown as a preflight.
  if txn:get_var('txn.crossfade_body') then asked['access-control-request-method'] = nil end

  local client = core.httpclient()
  local response = client:get({ url = url, headers = asked, timeout = 5000 })
  local status = response ~= nil and response.status or 0
  if status ~= 200 and status ~= 401 and status ~= 403 then status = 503 end
  txn:set_var('txn.crossfade_status', status)

  for _, name in ipairs(IDENTITY) do
    txn.http:req_del_header(name)
    local values = status == 200 and all(response.headers, name) or nil
    if values ~= nil then txn.http:req_set_header(name, values[1]) end
  end
  local function say(name, header, default)
    local values = response ~= nil and response.headers ~= nil and all(response.headers, header) or nil
    txn:set_var('txn.' .. name, values ~= nil and values[1] or default)
  end
  say('crossfade_challenge', 'www-authenticate', '')
  say('crossfade_retry_after', 'retry-after', '1')
end, 1)
