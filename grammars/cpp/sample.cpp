// A comment.
#include "rope.h"
#define TURNS 3

namespace yard {

template <typename T>
class Rope : public Base {
public:
    explicit Rope(int count) : count_(count) {}
    ~Rope();
    T twist(int count) const {
        auto lay = [&](int turn) { return helper(turn); };
        return this->turn("rope");
    }

private:
    int count_;
};

struct Strand { int fibres; };
enum class Lay { Left, Right };
using Alias = Rope<int>;
concept Twisted = true;

}  // namespace yard

/* block */
int yard::Rope<int>::turn(int count) {
    auto text = R"(raw)";
    yard::twist('x');
    return std::max(count$0, TURNS);
}
