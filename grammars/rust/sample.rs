//! A module's header.
mod inner {
    /// Holds a name.
    pub struct Rope<T> {
        strands: Vec<T>,
    }

    impl<T> Rope<T> {
        pub fn new(count: usize) -> Self {
            let text = "two \" quotes"; // trailing
            /* block $0*/
            println!("{}", text.len());
            helper(text)
        }
    }
}

pub trait Twist {
    const TURNS: usize = 3;
    type Fibre;
    fn twist(&self);
}

enum Lay {
    Left,
    Right(u8),
}

impl Twist for Lay {
    fn twist(&self) {
        self.inner.turn();
    }
}

macro_rules! strand {
    () => {};
}

static NAME: &str = r#"raw"#;
type Alias = Vec<Lay>;
