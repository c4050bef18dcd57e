<p>markup</p>
<?php
// A comment.
namespace Yard;

use Other\Base;

const TURNS = 3;

interface Twist {
    public function twist(int $count): void;
}

trait Lay {
    private string $fibre = 'hemp';
}

/** Holds strands. */
final class Rope extends Base implements Twist {
    const LENGTH = 1;

    public function __construct(private int $count) {}

    public function twist(int $count): void {
        # hash
        $text = "rope {$this->name($count)} long";
        helper($text);
        $this->turn(new Strand('x'));
        $lay = fn($fibre) => Rope::make($fibre$0);
    }
}

enum Side: string {
    case Left = 'left';
}

function main() {
    $raw = <<<TEXT
    raw
    TEXT;
}
