-- Drives a second, real Neovim over its own RPC channel: real insert mode, real mappings, real autocommands.
-- Used by the plugin's tests here and by the end-to-end tests in tests/editors/nvim.

local Child = {}
Child.__index = Child

---@class ropewalk.test.ChildOptions
---@field runtime? string the plugin's folder, put in front of the runtime path
---@field directory string the working directory
---@field state string an empty folder for the child's home, configuration and state
---@field environment? table<string, string>
---@field with_configuration? boolean load the configuration and the packages below `state`, as a user's Neovim does

--- Starts a Neovim that knows nothing of this machine's user.
---@param options ropewalk.test.ChildOptions
function Child.start(options)
  local environment = vim.tbl_extend('force', {
    HOME = options.state,
    XDG_CONFIG_HOME = options.state .. '/config',
    XDG_DATA_HOME = options.state .. '/data',
    XDG_STATE_HOME = options.state .. '/state',
    XDG_CACHE_HOME = options.state .. '/cache',
    NVIM_LOG_FILE = options.state .. '/nvim.log',
  }, options.environment or {})
  local command = { vim.v.progpath, '--embed', '--headless', '-i', 'NONE', '-n' }
  if not options.with_configuration then
    vim.list_extend(command, { '-u', 'NONE' })
  end
  local channel = vim.fn.jobstart(command, { rpc = true, env = environment, cwd = options.directory })
  assert(channel > 0, 'Neovim could not be started')
  local self = setmetatable({ channel = channel, process = vim.fn.jobpid(channel) }, Child)
  self:lua('vim.o.columns, vim.o.lines, vim.o.swapfile, vim.o.more = 100, 30, false, false')
  if options.runtime then
    self:lua(
      [[
        vim.opt.runtimepath:prepend(...)
        vim.cmd('filetype plugin indent on | runtime! plugin/*.lua')
      ]],
      options.runtime
    )
  end
  return self
end

--- Runs Lua in the child; its arguments arrive as `...`.
---@param code string
---@return any
function Child:lua(code, ...)
  self:refuse_prompt()
  return vim.rpcrequest(self.channel, 'nvim_exec_lua', code, { ... })
end

--- A Neovim that waits at a prompt, most often after an error message, would never answer: that is an error, with the message.
function Child:refuse_prompt()
  if not vim.rpcrequest(self.channel, 'nvim_get_mode').blocking then
    return
  end
  vim.wait(5000, function()
    vim.rpcrequest(self.channel, 'nvim_input', '<CR>')
    return not vim.rpcrequest(self.channel, 'nvim_get_mode').blocking
  end, 50)
  local messages = vim.rpcrequest(self.channel, 'nvim_exec2', 'messages', { output = true }).output
  error('Neovim waited at a prompt. Its messages:\n' .. messages:sub(1, 2000), 0)
end

--- Types keys as a person would; it does not wait until they have had their effect.
---@param keys string
function Child:type(keys)
  vim.rpcrequest(self.channel, 'nvim_input', keys)
end

---@param path string
function Child:edit(path)
  self:lua('vim.cmd.edit(vim.fn.fnameescape(...))', path)
end

---@return string[]
function Child:lines()
  return self:lua('return vim.api.nvim_buf_get_lines(0, 0, -1, false)')
end

--- What stands on the screen, without trailing white space and without the `~` of lines that are not there.
---@return string[]
function Child:screen()
  return self:lua([[
    vim.cmd.redraw()
    local rows = {}
    for row = 1, vim.o.lines do
      local cells = {}
      for column = 1, vim.o.columns do
        cells[column] = vim.fn.screenstring(row, column)
      end
      rows[row] = (table.concat(cells):gsub('%s+$', ''))
    end
    return vim.tbl_filter(function(row) return row ~= '~' and row ~= '' end, rows)
  ]])
end

--- The ghost text shown in the current buffer, by Neovim itself or by the plugin; nil when there is none.
---@return string?
function Child:ghost()
  local text = self:lua([[
    local namespaces = vim.api.nvim_get_namespaces()
    for _, name in ipairs({ 'nvim.lsp.inline_completion', 'ropewalk.remainder' }) do
      local marks = namespaces[name] and vim.api.nvim_buf_get_extmarks(0, namespaces[name], 0, -1, { details = true })
      local details = marks and marks[1] and marks[1][4]
      if details then
        local lines = { details.virt_text }
        vim.list_extend(lines, details.virt_lines or {})
        return table.concat(vim.tbl_map(function(chunks)
          return vim.iter(chunks):map(function(chunk) return chunk[1] end):join('')
        end, lines), '\n')
      end
    end
  ]])
  return text ~= vim.NIL and text or nil
end

--- Polls until a condition holds.
---@param what string said when it never does, with the screen
---@param condition fun(): any
---@param milliseconds? integer default 10 s
---@return any value what the condition returned
function Child:await(what, condition, milliseconds)
  local value
  local held = vim.wait(milliseconds or 10000, function()
    value = condition()
    return value and true or false
  end, 10)
  if not held then
    error(('%s: waited in vain.\nThe screen:\n  |%s'):format(what, table.concat(self:screen(), '\n  |')), 0)
  end
  return value
end

---@param ghost string
function Child:await_ghost(ghost)
  local seen
  local held = pcall(self.await, self, '', function()
    seen = self:ghost()
    return seen == ghost
  end)
  if not held then
    self:await(('ghost text %q, last seen %s'):format(ghost, vim.inspect(seen)), function()
      return false
    end, 1)
  end
end

---@param lines string[]
function Child:await_lines(lines)
  local wanted = vim.inspect(lines)
  local seen
  local held = pcall(self.await, self, '', function()
    seen = vim.inspect(self:lines())
    return seen == wanted
  end)
  if not held then
    error(('the buffer should hold\n%s\nbut holds\n%s'):format(wanted, seen), 0)
  end
end

--- Leaves the child as a person would, and waits for the process to end.
function Child:quit()
  pcall(vim.rpcnotify, self.channel, 'nvim_command', 'qall!')
  assert(vim.fn.jobwait({ self.channel }, 10000)[1] >= 0, 'Neovim did not quit')
end

--- Ends the child whatever it is doing; for cleaning up after a failed test.
function Child:kill()
  vim.fn.jobstop(self.channel)
  vim.fn.jobwait({ self.channel }, 2000)
end

return Child
