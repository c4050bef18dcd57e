//! The list of build tools' caches and stores, each with its reason.
//!
//! A tool that can read its store and not write to it often fails, although it needs nothing new: it takes a lock, notes
//! when it ran, unpacks what it has downloaded before.

use super::{Base, Places, places};

/// Where each store usually is, and where variables move it to.
#[rustfmt::skip] // one reason a line
pub(super) const PLACES: &[Places] = &[
    places("caches by definition (XDG base directories)", Base::Cache, &[""]),
    places("caches by definition", Base::Home, &["Library/Caches"]),
    places("Rust: locks, unpacked crates", Base::Home, &[".cargo"]),
    places("moved: Rust", Base::Variable("CARGO_HOME"), &[""]),
    places("JavaScript: package stores and logs", Base::Home, &[
        ".npm", ".yarn", ".pnpm-store", ".pnpm-state", ".bun", ".deno", ".node-gyp", ".volta", ".nx", ".turbo", ".expo",
        ".electron", ".electron-gyp", ".vscode-test",
    ]),
    places("JavaScript: package stores", Base::Data, &["pnpm", "yarn"]),
    places("JavaScript: state", Base::State, &["pnpm"]),
    places("JavaScript: what a tool has noted", Base::Config, &["yarn"]),
    places("moved: npm", Base::Variable("npm_config_cache"), &[""]),
    places("moved: npm", Base::Variable("NPM_CONFIG_CACHE"), &[""]),
    places("moved: Yarn", Base::Variable("YARN_CACHE_FOLDER"), &[""]),
    places("moved: Yarn", Base::Variable("YARN_GLOBAL_FOLDER"), &[""]),
    places("moved: pnpm", Base::Variable("PNPM_HOME"), &[""]),
    places("moved: Bun", Base::Variable("BUN_INSTALL"), &[""]),
    places("moved: Deno", Base::Variable("DENO_DIR"), &[""]),
    places("Python: packages, environments, compiled files", Base::Home, &[
        ".pyenv/shims", ".ipython", ".jupyter", ".matplotlib", ".conda", ".virtualenvs", ".nltk_data",
    ]),
    places("Python: packages and environments", Base::Data, &["uv", "virtualenvs", "virtualenv", "jupyter"]),
    places("moved: pip", Base::Variable("PIP_CACHE_DIR"), &[""]),
    places("moved: uv", Base::Variable("UV_CACHE_DIR"), &[""]),
    places("moved: Poetry", Base::Variable("POETRY_CACHE_DIR"), &[""]),
    places("moved: Matplotlib", Base::Variable("MPLCONFIGDIR"), &[""]),
    places("moved: compiled Python", Base::Variable("PYTHONPYCACHEPREFIX"), &[""]),
    places("moved: models and data sets", Base::Variable("HF_HOME"), &[""]),
    places("Java, Kotlin, Scala, Clojure: repositories, daemons' notes", Base::Home, &[
        ".gradle", ".m2", ".ivy2", ".sbt", ".coursier", ".konan", ".lein", ".clojure", ".java", ".android", ".bloop",
    ]),
    places("Scala: builds", Base::Data, &["scalacli", "coursier"]),
    places("moved: Gradle", Base::Variable("GRADLE_USER_HOME"), &[""]),
    places("moved: Coursier", Base::Variable("COURSIER_CACHE"), &[""]),
    places("Go: modules, and what the tool notes of itself", Base::Home, &["go/pkg"]),
    places("Go: what the tool notes of itself", Base::Config, &["go"]),
    places("moved: Go", Base::Variable("GOPATH"), &["pkg"]),
    places("moved: Go", Base::Variable("GOMODCACHE"), &[""]),
    places("moved: Go", Base::Variable("GOCACHE"), &[""]),
    places(".NET: packages, templates", Base::Home, &[".nuget", ".dotnet", ".templateengine"]),
    places(".NET: packages", Base::Data, &["NuGet"]),
    places("moved: .NET", Base::Variable("NUGET_PACKAGES"), &[""]),
    places("moved: .NET", Base::Variable("DOTNET_CLI_HOME"), &[".dotnet", ".nuget"]),
    places("Ruby: gems", Base::Home, &[".bundle", ".gem"]),
    places("Ruby: gems", Base::Data, &["gem"]),
    places("moved: Ruby", Base::Variable("GEM_HOME"), &[""]),
    places("PHP: packages", Base::Home, &[".composer"]),
    places("PHP: packages", Base::Config, &["composer"]),
    places("moved: PHP", Base::Variable("COMPOSER_HOME"), &[""]),
    places("Elixir and Erlang: packages", Base::Home, &[".hex", ".mix"]),
    places("moved: Elixir", Base::Variable("MIX_HOME"), &[""]),
    places("moved: Elixir", Base::Variable("HEX_HOME"), &[""]),
    places("Haskell and OCaml: packages", Base::Home, &[".cabal", ".stack", ".opam"]),
    places("Haskell: packages", Base::State, &["cabal"]),
    places("moved: Haskell", Base::Variable("STACK_ROOT"), &[""]),
    places("Dart, Swift, Julia, Nim, Elm, Perl: packages", Base::Home, &[
        ".pub-cache", ".dart", ".dart-tool", ".dartServer", ".flutter-devtools", ".swiftpm", ".julia", ".nimble",
        ".elm", ".cpan", ".cpanm",
    ]),
    places("moved: Dart", Base::Variable("PUB_CACHE"), &[""]),
    places("moved: Elm", Base::Variable("ELM_HOME"), &[""]),
    places("C and C++: compiled objects, packages", Base::Home, &[
        ".ccache", ".conan", ".conan2", ".vcpkg", ".cmake", ".platformio",
    ]),
    places("moved: compiled objects", Base::Variable("CCACHE_DIR"), &[""]),
    places("moved: compiled objects", Base::Variable("SCCACHE_DIR"), &[""]),
    places("moved: C and C++ packages", Base::Variable("CONAN_HOME"), &[""]),
    places("Terraform: plugins", Base::Home, &[".terraform.d/plugin-cache"]),
    places("moved: Terraform", Base::Variable("TF_PLUGIN_CACHE_DIR"), &[""]),
];
