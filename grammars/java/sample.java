// A comment.
package yard;

import java.util.List;

/** Holds strands. */
public class Rope<T> extends Base implements Twist {
    private static final int TURNS = 3;
    private String name = "rope";

    public Rope(int count) {
        super(count);
    }

    @Override
    public void twist(int count) {
        Runnable lay = () -> helper(count);
        this.turn(new Strand("x"), 'c', """
            text block""");$0
    }

    enum Lay { LEFT, RIGHT }

    interface Inner {
        void turn();
    }

    record Fibre(int length) {}

    @interface Marker {}
}
