//! The list of places that commands do not see, each with its reason.
//!
//! Commands have no network, but what they print goes to the model's service, and what they may run unconfined has one.

use super::{Base, Places, places};

/// Files inside of hidden places without which programs are not found and hosts' names cannot be looked up.
pub(super) const KEPT_IN_VIEW: &[&str] = &[
    "/run/systemd/resolve/resolv.conf",
    "/run/systemd/resolve/stub-resolv.conf",
    "/run/NetworkManager/resolv.conf",
    "/run/resolvconf/resolv.conf",
    "/run/current-system",
    "/run/booted-system",
    "/run/opengl-driver",
];

/// Hidden unless the user is the administrator, whose folder it is.
pub(super) const ADMINISTRATOR: Places =
    places("the administrator's own folder", Base::Root, &["root"]);

/// Where each thing usually is, and where variables move it to.
#[rustfmt::skip] // one reason a line
pub(super) const PLACES: &[Places] = &[
    places("keys that open other machines", Base::Home, &[
        ".ssh", ".gnupg", ".pki", ".putty", ".age", ".minisign", ".android/adbkey", ".krb5",
    ]),
    places("moved: GnuPG", Base::Variable("GNUPGHOME"), &[""]),
    places("Kerberos tickets", Base::Root, &["tmp/krb5cc_*"]),
    places("moved: Kerberos tickets", Base::Variable("KRB5CCNAME"), &[""]),
    places("the agent that holds keys", Base::Variable("SSH_AUTH_SOCK"), &[""]),
    places("access to clouds and clusters", Base::Home, &[
        ".aws", ".azure", ".kube", ".oci", ".bluemix", ".aliyun", ".cloudflared", ".doppler", ".fly", ".helm",
        ".minikube", ".vault-token", ".boto", ".s3cfg", ".mc", ".databrickscfg", ".snowsql", ".snowflake",
        ".terraform.d/credentials.tfrc.json", ".terraformrc", ".wrangler", ".ngrok2", ".chef", ".kaggle",
    ]),
    places("access to clouds and clusters", Base::Config, &[
        "gcloud", "doctl", "flyctl", "fly", "hcloud", "linode-cli", "ngrok", "netlify", "vercel", "heroku", ".wrangler",
        "stripe", "rclone", "helm", "firebase", "kaggle", "scw", "exoscale", "openstack", "pulumi",
    ]),
    places("access to clouds", Base::Data, &["com.vercel.cli", "heroku"]),
    places("moved: AWS", Base::Variable("AWS_SHARED_CREDENTIALS_FILE"), &[""]),
    places("moved: AWS", Base::Variable("AWS_CONFIG_FILE"), &[""]),
    places("moved: Azure", Base::Variable("AZURE_CONFIG_DIR"), &[""]),
    places("moved: Google Cloud", Base::Variable("CLOUDSDK_CONFIG"), &[""]),
    places("a service account's key", Base::Variable("GOOGLE_APPLICATION_CREDENTIALS"), &[""]),
    places("moved: Kubernetes", Base::Variable("KUBECONFIG"), &[""]),
    places("moved: Terraform", Base::Variable("TF_CLI_CONFIG_FILE"), &[""]),
    places("logins for hosting of code, packages and images", Base::Home, &[
        ".netrc", "_netrc", ".git-credentials", ".npmrc", ".yarnrc.yml", ".pypirc", ".cargo/credentials*",
        ".gem/credentials", ".bundle/config", ".composer/auth.json", ".docker/config.json", ".docker/contexts",
        ".docker/run", ".hex/hex.config", ".gradle/gradle.properties", ".m2/settings-security.xml", ".clojars",
        ".jfrog", ".sentryclirc", ".config/configstore",
    ]),
    places("logins for hosting of code, packages and images", Base::Config, &[
        "git/credentials", "gh", "glab-cli", "hub", "tea", "lab", "composer/auth.json", "containers/auth.json",
        "pypoetry/auth.toml", "hatch", "configstore", "sentry",
    ]),
    places("moved: Cargo", Base::Variable("CARGO_HOME"), &["credentials*"]),
    places("moved: Docker", Base::Variable("DOCKER_CONFIG"), &["config.json", "contexts"]),
    places("moved: GitHub", Base::Variable("GH_CONFIG_DIR"), &[""]),
    places("moved: logins", Base::Variable("NETRC"), &[""]),
    places("moved: npm", Base::Variable("NPM_CONFIG_USERCONFIG"), &[""]),
    places("moved: npm", Base::Variable("npm_config_userconfig"), &[""]),
    places("moved: Gradle", Base::Variable("GRADLE_USER_HOME"), &["gradle.properties"]),
    places("moved: Composer", Base::Variable("COMPOSER_HOME"), &["auth.json"]),
    places("keys of model services, and what other agents remember", Base::Home, &[
        ".codex", ".claude", ".claude.json", ".gemini", ".anthropic", ".openai", ".huggingface", ".continue",
        ".aider.conf.yml", ".copilot", ".cursor",
    ]),
    places("keys of model services, and our own settings", Base::Config, &[
        "ropewalk", "github-copilot", "openai", "anthropic", "io.datasette.llm", "goose", "opencode",
    ]),
    places("keys of model services", Base::Cache, &["huggingface/token", "huggingface/stored_tokens"]),
    places("moved: Hugging Face", Base::Variable("HF_HOME"), &["token", "stored_tokens"]),
    places("moved: Codex", Base::Variable("CODEX_HOME"), &[""]),
    places("moved: Claude", Base::Variable("CLAUDE_CONFIG_DIR"), &[""]),
    places("other tasks' twins, threads and logs", Base::State, &["ropewalk"]),
    places("passwords", Base::Home, &[
        ".password-store", ".1password", ".lastpass", ".pgpass", ".my.cnf", ".mylogin.cnf", ".dbt/profiles.yml",
        ".microsoft/usersecrets", ".aspnet/DataProtection-Keys", ".vnc/passwd", ".smbcredentials", ".rdesktop",
        "Library/Keychains",
    ]),
    places("passwords", Base::Config, &[
        "op", "Bitwarden", "Bitwarden CLI", "keepassxc", "sops", "age", "1Password", "gopass", "remmina",
    ]),
    places("passwords", Base::Data, &["keyrings", "kwalletd", "password-store", "gopass", "remmina"]),
    places("moved: passwords", Base::Variable("PASSWORD_STORE_DIR"), &[""]),
    places("moved: PostgreSQL", Base::Variable("PGPASSFILE"), &[""]),
    places("browsers: sessions, cookies, passwords", Base::Home, &[
        ".mozilla", ".librewolf", ".zen", ".tor-browser", "snap/firefox", "snap/chromium", ".var/app",
        "Library/Application Support/Google/Chrome", "Library/Application Support/Firefox",
        "Library/Application Support/BraveSoftware", "Library/Application Support/Microsoft Edge", "Library/Cookies",
        "Library/Safari",
    ]),
    places("browsers: sessions, cookies, passwords", Base::Config, &[
        "google-chrome*", "chromium*", "BraveSoftware", "microsoft-edge*", "vivaldi*", "opera*", "mozilla", "zen",
    ]),
    places("mail and conversations", Base::Home, &[
        ".thunderbird", ".mutt", ".muttrc", ".msmtprc", ".mbsyncrc", ".offlineimaprc", ".fetchmailrc", ".purple",
        ".weechat", ".irssi", "Mail", "Maildir", "Library/Mail", "Library/Messages",
    ]),
    places("mail and conversations", Base::Config, &[
        "evolution", "mutt", "neomutt", "msmtp", "aerc", "Signal", "Slack", "discord", "Element", "Microsoft",
        "teams-for-linux", "weechat",
    ]),
    places("mail and conversations", Base::Data, &["evolution", "TelegramDesktop", "geary", "kmail2", "local-mail"]),
    places("money", Base::Home, &[
        ".bitcoin", ".ethereum", ".electrum", ".bitmonero", ".monero", ".litecoin", ".dogecoin", ".zcash", ".sui",
        ".near-credentials", ".foundry/keystores", ".brownie/accounts",
    ]),
    places("money", Base::Config, &["solana", "Exodus", "Ledger Live", "Electrum"]),
    places("what the user has typed and looked at, keys among it", Base::Home, &[
        ".*_history", ".histfile", ".zhistory", ".zsh_sessions", ".bash_sessions", ".lesshst", ".viminfo",
    ]),
    places("what the user has typed and looked at, keys among it", Base::Data, &[
        "fish/fish_history", "atuin", "recently-used.xbel",
    ]),
    places("what the user has typed", Base::State, &["bash", "zsh", "python_history", "nvim", "less"]),
    places("moved: what the user has typed", Base::Variable("HISTFILE"), &[""]),
    places("who may draw on the user's screen", Base::Home, &[".Xauthority", ".ICEauthority"]),
    places("moved: the screen", Base::Variable("XAUTHORITY"), &[""]),
    places("the machine's passwords and keys, which an administrator's commands could read", Base::Root, &[
        "etc/shadow*", "etc/gshadow*", "etc/sudoers*", "etc/security/opasswd", "etc/ssh/*_key", "etc/ssl/private",
        "etc/pki/tls/private", "etc/krb5.keytab", "etc/wireguard", "etc/openvpn", "etc/ppp", "etc/ipsec.secrets",
        "etc/ipsec.d/private", "etc/swanctl", "etc/NetworkManager/system-connections", "etc/wpa_supplicant",
        "etc/netplan", "etc/letsencrypt", "etc/kubernetes", "etc/rancher", "etc/docker", "etc/cups/ssl",
        "etc/postfix/sasl_passwd*", "etc/samba/private", "etc/credstore*", "etc/mysql/debian.cnf",
    ]),
    places("sockets of the session and of the machine's services", Base::Root, &[
        "run", "var/run", "tmp/.X11-unix", "tmp/.ICE-unix", "tmp/ssh-*", "tmp/dbus-*", "tmp/tmux-*",
    ]),
    places("sockets of the session", Base::Variable("XDG_RUNTIME_DIR"), &[""]),
    places("data of the machine's services, other users' mail and jobs", Base::Root, &[
        "var/lib/docker", "var/lib/containerd", "var/lib/containers", "var/lib/kubelet", "var/lib/rancher",
        "var/lib/libvirt", "var/lib/private", "var/lib/mysql", "var/lib/postgresql", "var/lib/redis", "var/lib/systemd",
        "var/lib/NetworkManager", "var/lib/bluetooth", "var/lib/samba", "var/log", "var/mail", "var/spool",
        "var/backups", "var/crash", "lost+found",
    ]),
];
