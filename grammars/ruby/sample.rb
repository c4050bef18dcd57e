# A comment.
require "set"

module Yard
  TURNS = 3

  class Rope < Base
    attr_reader :name

    def initialize(count)
      @count = count
    end

    def twist(count)
      text = "rope #{helper(count)} long"
      [1].each do |fibre|
        fibre.lay($0'x')
      end
    end

    def self.make
      Rope.new(1)
    end
  end
end

def main = Yard::Rope.make

=begin
block
=end
HEREDOC = <<~TEXT
  raw
TEXT
