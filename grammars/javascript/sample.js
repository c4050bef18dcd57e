// A comment.
import { join } from "node:path";

const TURNS = 3;

class Rope extends Base {
  #secret = 1;

  twist(count) {
    /* block */
    const text = `rope ${join("a", count)} long`;
    return this.helper(text$0);
  }

  get length() {
    return new Strand("x");
  }
}

function main() {
  const lay = (fibre) => {
    return fibre + 'x';
  };
  lay(/* argument */ 1);
}

const twist = function* () {};

const element = <Rope name="one">text {main()}</Rope>;
