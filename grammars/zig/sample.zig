//! A module's header.
const std = @import("std");

/// Holds strands.
pub const Rope = struct {
    count: usize,

    pub fn twist(self: *Rope, count: usize) void {
        // a comment
        const text = "rope";
        self.turn(text, 'x', count$0);
        helper();
    }
};

const Lay = enum { left, right };

const Fibre = union(enum) { hemp: u8 };

const raw =
    \\raw
;

var turns: u8 = 3;

pub fn main() !void {
    std.debug.print("{}", .{});
}

test "twists" {
    try std.testing.expect(true);
}
