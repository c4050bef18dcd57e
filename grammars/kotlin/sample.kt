// A comment.
package yard

import kotlin.math.max

const val TURNS = 3

interface Twist {
    fun twist(count: Int)
}

/** Holds strands. */
class Rope<T>(val name: String) : Base(), Twist {
    var length = 1

    override fun twist(count: Int) {
        val text = "rope ${helper(count)} long"
        listOf(1).map { it + turn($0) }
    }

    companion object {
        fun make() = Rope<Int>("x")
    }
}

enum class Lay { LEFT, RIGHT }

object Yard {
    val raw = """raw"""
}

typealias Alias = Rope<Int>

fun String.turn(): Char = 'c'
