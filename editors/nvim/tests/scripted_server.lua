-- A language server inside the child Neovim, written for the plugin's tests: it completes lines from a table and keeps a
-- record of what it was sent. The client that talks to it is Neovim's own.

local M = { requests = {}, answers = {}, delay = 0, stopped = 0 }

--- The text of the current document's line before the cursor picks the answer: { text =, start = column, finish = column }.
---@param params lsp.InlineCompletionParams
local function inline_completion(params)
  local buffer = vim.uri_to_bufnr(params.textDocument.uri)
  local line = vim.api.nvim_buf_get_lines(buffer, params.position.line, params.position.line + 1, false)[1]
  local answers = M.answers[line:sub(1, params.position.character)] or {}
  local items = vim.tbl_map(function(answer)
    local function position(character)
      return { line = params.position.line, character = character or params.position.character }
    end
    return { insertText = answer.text, range = { start = position(answer.start), ['end'] = position(answer.finish) } }
  end, answers)
  return { items = items }
end

local handlers = {
  initialize = function()
    return {
      capabilities = { inlineCompletionProvider = true, positionEncoding = 'utf-8', textDocumentSync = 1 },
      serverInfo = { name = 'scripted' },
    }
  end,
  ['textDocument/inlineCompletion'] = inline_completion,
  ['ropewalk/status'] = function()
    return M.report
  end,
}

--- For `vim.lsp.config`'s `cmd`.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
function M.start(dispatchers)
  local closing, last_id = false, 0
  M.notify_client = function(method, params)
    dispatchers.notification(method, params)
  end
  local function close()
    if not closing then
      closing, M.stopped = true, M.stopped + 1
      dispatchers.on_exit(0, 0)
    end
  end
  return {
    request = function(method, params, callback, replied)
      last_id = last_id + 1
      local id = last_id
      table.insert(M.requests, { method = method, params = params })
      vim.defer_fn(function()
        local handler = handlers[method]
        if replied then
          replied(id)
        end
        callback(nil, handler and handler(params), id)
      end, method == 'textDocument/inlineCompletion' and M.delay or 0)
      return true, id
    end,
    notify = function(method)
      if method == 'exit' then
        close()
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = close,
  }
end

return M
