command-failed = It failed: { $why }

doctor-sound = ok
doctor-note = note
doctor-wrong = WRONG
doctor-path = { $path }
doctor-why = { $why }

doctor-what-data-folder = Data folder
doctor-what-room = Free space
doctor-what-checkpoints = Checkpoints
doctor-what-database = Database
doctor-what-clock = Clock
doctor-what-secrets-key = Secrets key
doctor-what-wall = Second wall
doctor-what-audit-key = Audit key
doctor-what-metrics-token = Metrics token
doctor-what-leaked-passwords = Leaked passwords
doctor-what-ldap = Directory (LDAP)
doctor-what-provider = Identity provider
doctor-what-web-agent = Web agent
doctor-what-connection = Connection
doctor-what-listen = Port

doctor-folder-absent = { $path } is not there yet; the first start makes it.
doctor-room = { $mib } MiB
doctor-room-unknown = How much there is cannot be told on this system.

doctor-database-absent = { $path } is not there yet; “migrate” or the first start makes it.
doctor-database-current = { $kind } answers, and its schema is this version's.
doctor-database-empty = { $kind } answers and is empty; “migrate” or the first start runs { $count ->
    [one] 1 migration
   *[other] { $count } migrations
}.
doctor-database-behind = { $kind } answers; { $count ->
    [one] 1 migration waits
   *[other] { $count } migrations wait
}, the first is “{ $first }”. “migrate” or the next start runs them: make a backup before.
doctor-database-newer = { $kind } answers, and a newer version of Engage has been there (migration { $version }). Install that version; this one does not start on it.
doctor-database-altered = { $kind } answers, and its migration { $version } broke off or is not the one that this version has. Put a backup back.

doctor-clock-apart = This machine's clock and the database's are { $seconds } s apart. Set both by NTP.
doctor-clock-behind = This machine's clock is { $seconds } s behind the newest entry of the audit trail ({ $at }). It was set back, or was ahead before. Set it by NTP.
doctor-clock-agrees = It agrees with the database's to { $millis } ms.
doctor-clock-after-trail = It is later than the newest entry of the audit trail.
doctor-clock-unknown = There is nothing yet to compare it with.

doctor-key-absent = { $path } is not there yet; the first start makes it.
doctor-audit-key-signs = It signs as { $key }.
doctor-secrets-key-opens = It opens what the database keeps.
doctor-secrets-key-ready = It is ready; nothing is sealed with it yet.
doctor-secrets-key-other = { $path } is not the key with which this database's secrets are sealed. Put the installation's own key back.
problem-file-open-to-all = Everybody on this machine may read the file (mode { $mode }). Take that from it: chmod 600.

doctor-wall-file = SQLite has no roles: the file belongs to this process alone.
doctor-wall-stands = Row-level security stands.
doctor-wall-missing = The roles engage_walled and engage_reader are not both there. As a superuser: CREATE ROLE engage_walled NOLOGIN; CREATE ROLE engage_reader NOLOGIN; GRANT engage_walled, engage_reader TO the service's role. Then run the statements of the migrations 0011_wall and 0015_reader again.

doctor-ldap-answers = { $url } answers, and { $base } is there.
doctor-provider-answers = { $issuer } answers with { $keys ->
    [one] 1 key
   *[other] { $keys } keys
}. It must allow the return to { $back }.

doctor-web-agent-absent = No files found: only the API answers.
doctor-web-agent-empty = There is no index.html in { $path }.

doctor-connection-here = Only this machine reaches the port.
doctor-connection-proxy = Other machines reach the port; the session's cookie goes over TLS alone.
doctor-connection-plain = Other machines reach the port, and the session's cookie goes over plain connections too. Put a proxy that speaks TLS before it and take “secure_cookies = false” away.
doctor-connection-no-proxy = Other machines reach the port, and no proxy is named. If one speaks TLS before it, name it in “trusted_proxies”: otherwise everybody who comes through it counts as one.

doctor-listen-free = { $address } is free.
doctor-listen-ours = A node of Engage answers on { $address } already.
doctor-listen-taken = Another program has { $address }. Stop it or choose another port in “listen”.
