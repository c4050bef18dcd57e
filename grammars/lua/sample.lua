-- A comment.
local yard = require("yard")

local TURNS = 3

function main(count)
  print('rope', [[raw]])
end

local function helper()
  return function()
    yard.twist(1$0)
  end
end

function yard.make(count)
  yard:turn("x")
end

function yard:lay() end

yard.spin = function() end

local strand = { twist = function() end }

--[[ block ]]
