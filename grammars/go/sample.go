// Package yard lays rope.
package yard

import "fmt"

const Turns = 3

var name = `raw`

type Rope struct {
	Strands []string
	count   int
}

type Twist interface {
	Twist(count int) error
}

type Lay = Rope

/* block */
func (rope *Rope) Twist(count int) error {
	fmt.Println("rope", 'x')
	helper := func() {
		$0rope.turn(count)
	}
	helper()
	return nil
}

func Map[T any](items []T) Lay {
	return Lay{count: len(items)}
}
