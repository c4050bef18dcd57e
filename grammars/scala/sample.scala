// A comment.
package yard

import scala.math.max

trait Twist {
  def twist(count: Int): Unit
}

/** Holds strands. */
class Rope[T](val name: String) extends Base with Twist {
  val length = 1
  var turns = 2

  def twist(count: Int): Unit = {
    val text = s"rope ${helper(count)} long"
    this.turn(text, 'c')
    new Strand("x"$0)
  }
}

object Rope {
  def make(): Rope[Int] = Rope("x")
  type Alias = Rope[Int]
}

enum Lay {
  case Left, Right
}

case class Fibre(length: Int)

val raw = """raw"""
