// A comment.
using System;

namespace Yard
{
    public interface ITwist
    {
        void Twist(int count);
    }

    /// <summary>Holds strands.</summary>
    public class Rope<T> : Base, ITwist
    {
        private const int Turns = 3;
        private string name = "rope";

        public int Count { get; set; }

        public Rope(int count) : base(count) { }

        public void Twist(int count)
        {
            /* block */
            var text = $"rope {Helper(count$0)} long";
            var raw = @"raw";
            void Local() => this.Turn(new Strand('x'));
        }
    }

    enum Lay { Left, Right }

    struct Fibre { public int Length; }

    record Yarn(int Length);

    delegate void Handler(int count);
}
