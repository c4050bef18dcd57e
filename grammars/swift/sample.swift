// A comment.
import Foundation

let turns = 3

protocol Twist {
    var length: Int { get }
    func twist(count: Int)
}

/* block */
class Rope<T>: Base, Twist {
    var name: String = "rope"

    init(count: Int) {
        super.init()
    }

    func twist(count: Int) {
        let text = "rope \(helper(count)) long"
        self.turn(text) { fibre in$0
            fibre.lay()
        }
    }
}

struct Strand {
    let fibres: Int
}

enum Lay {
    case left, right
}

extension Rope {
    func turn() {}
}

typealias Alias = Rope<Int>

func main() {
    _ = Rope<Int>(count: 1)
}
