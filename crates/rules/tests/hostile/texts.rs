//! Three hundred expressions that mean harm.

pub fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        // Loops.
        "for a in 1..1000000000 return a",
        "for a in 1..100000, b in 1..100000 return a * b",
        "for a in 1..10000 return for b in 1..10000 return a",
        "some a in 1..1000000000 satisfies a < 0",
        "every a in 1..1000000000 satisfies a > 0",
        "count(for a in 1..1000000 return \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\")",
        "for a in 1..100000 return partial",
        "for a in 1..100000 return [partial]",
        "for a in 1..100000 return if count(partial) = 0 then [1] else [partial[-1]]",
        "for a in 1..100000 return if count(partial) = 0 then [1] else [partial[-1], partial[-1]]",
        "for a in 1..100000 return if count(partial) = 0 then {a: 1} else {a: partial[-1]}",
        "for a in 1..100 return if count(partial) = 0 then \"xx\" else partial[-1] + partial[-1]",
        "for a in @\"0001-01-01\"..@\"9999-12-31\" return a",
        "for a in [1..1000000000] return a",
        "for a in -9000000000000000000..9000000000000000000 return a",
        // Recursion.
        "{f: function(n) f(n + 1), r: f(0)}.r",
        "{f: function(n) f(n) + f(n), r: f(0)}.r",
        "{f: function(n) if n = 0 then [] else [f(n - 1)], r: f(100000)}.r",
        "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(60)}.r",
        "(function(x) x(x))(function(x) x(x))",
        "{a: function(x) b(x), b: function(x) a(x), r: b(1)}.r",
        "{f: function(n) for i in 1..10 return f(n + 1), r: f(0)}.r",
        "sort(for a in 1..100000 return a, function(x, y) {f: function(n) f(n), r: f(1)}.r)",
        // Functions on long lists.
        "sort(for a in 1..1000000 return -a)",
        "distinct values(for a in 1..100000 return a)",
        "union(for a in 1..30000 return a, for a in 1..30000 return -a)",
        "index of(for a in 1..1000000 return 1, 1)",
        "flatten(for a in 1..10000 return for b in 1..10000 return b)",
        "string join(for a in 1..1000000 return \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")",
        "concatenate(for a in 1..100000 return a, for a in 1..100000 return a, for a in 1..100000 return a)",
        "(for a in 1..100000 return a)[item > 5][item > 6][item > 7][item > 8]",
        "(for a in 1..2000 return a)[count((for b in 1..2000 return b)[item > 1]) > 1]",
        "{l: for a in 1..20000 return a, r: for i in l return count(l[item = i])}.r",
        "{l: for a in 1..20000 return a, r: l = reverse(l)}",
        "mode(for a in 1..1000000 return a)",
        "median(for a in 1..1000000 return a)",
        "context(for a in 1..100000 return {key: string(a), value: a})",
        "context merge(for a in 1..100000 return {a: a})",
        "{c: {}, r: for i in 1..100000 return context put(c, string(i), i)}",
        "list replace(for a in 1..100000 return a, function(x, y) true, 0)",
        "remove(for a in 1..1000000 return a, 1)",
        // Patterns.
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a+)+$\")",
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a|aa)+$\")",
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a|a)*$\")",
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"(a*)*(a*)*(a*)*b\")",
        "matches(\"x\", \"(((((((((x{9}){9}){9}){9}){9}){9}){9}){9}){9})\")",
        "matches(\"x\", \"x{1,1000000000}\")",
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"(a?){32}a{32}\")",
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\", \"^(.*)*(.*)*\\1c$\")",
        "replace(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"(a*)*b\", \"x\")",
        "{s: string join(for a in 1..20000 return \"a\"), r: replace(s, \"a\", s)}",
        "{s: string join(for a in 1..20000 return \"a\"), r: split(s, \"\")}",
        "{s: string join(for a in 1..20000 return \"ab\"), r: matches(s, \"(b|ab|a)*c\")}",
        "matches(\"a\", \"[[[[[[[[[[[[[[[[[[[\")",
        "split(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"(a|aa)+$b\")",
        // Numbers.
        "10 ** 1000000000",
        "10 ** -1000000000",
        "1.0000000000000000000000001 ** 999999999",
        "2 ** 0.0000000000000000000001",
        "exp(1000000)",
        "exp(-1000000)",
        "log(1E-6000)",
        "sqrt(1E6000)",
        "for a in 1..100000 return exp(a / 1000)",
        "for a in 1..100000 return 1.1 ** (a / 7)",
        "for a in 1..100000 return sqrt(a)",
        "modulo(1E6000, 3)",
        "decimal(1 / 3, 6176)",
        "9E6144 * 9E6144",
        "1E-6176 / 1E100",
        // Dates.
        "@\"999999999-12-31\" + @\"P999999999Y\"",
        "@\"-999999999-01-01\" - @\"P999999999999D\"",
        "duration(\"P999999999999999999D\")",
        "duration(\"P99999999999999999999999999999999D\")",
        "duration(\"P1D\") * 1E30",
        "duration(\"P1Y\") * 1E30",
        "date(999999999, 12, 31) + duration(\"P1D\")",
        "date and time(\"999999999-12-31T23:59:59@Europe/Paris\") + duration(\"PT1H\")",
        "for a in 1..100000 return date and time(\"2026-01-01T00:00:00@Europe/Paris\") + duration(\"PT1H\") * a",
        "time(25, 61, 61)",
        "@\"2026-02-30\"",
        // Texts.
        "upper case(string join(for a in 1..100000 return \"ß\"))",
        "substring(\"abc\", -9000000000000000000)",
        "substring(\"abc\", 9000000000000000000, 9000000000000000000)",
        "sublist([1, 2, 3], -9000000000000000000)",
        "insert before([1], 9000000000000000000, 1)",
        "[1, 2, 3][9000000000000000000000]",
        "[1, 2, 3][-9223372036854775808]",
        "string([[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]])",
        "range(\"[1..2\" + \"]\")",
        "range(\"[[[[[[[[[[[[[[[[[[1..2]\")",
        "number(\"1e999999999\")",
        "\"\\uD83D\"",
    ]
    .map(str::to_owned)
    .to_vec();
    // Nesting of every kind, open and closed.
    let wraps = [
        ("(", ")"),
        ("[", "]"),
        ("{a: ", "}"),
        ("-", ""),
        ("not(", ")"),
        ("if true then ", " else 1"),
        ("1 in (", ")"),
        ("[1..", "]"),
        ("function(x) ", ""),
        ("for x in [1] return ", ""),
        ("some x in [1] satisfies ", ""),
        ("count(", ")"),
        ("1 + (", ")"),
        ("x in (1, ", ")"),
        ("{\"a\": [", "]}"),
        ("]", ".."),
        ("(< ", ")"),
        ("1 between 0 and ", ""),
    ];
    for (open, close) in wraps {
        for depth in [30, 100, 5_000] {
            texts.push(format!("{}1{}", open.repeat(depth), close.repeat(depth)));
            texts.push(open.repeat(depth));
        }
    }
    // Chains.
    for (first, link) in [
        ("1", " + 1"),
        ("true", " and true"),
        ("true", " or false"),
        ("a", ".b"),
        ("[1]", "[1]"),
        ("f", "(1)"),
        ("1", " = 1"),
        ("1", " in 1"),
        ("2", " ** 1"),
        ("1", " instance of number"),
    ] {
        for length in [100, 10_000] {
            texts.push(format!("{first}{}", link.repeat(length)));
        }
    }
    // Many names, long texts, odd characters.
    texts.push(format!(
        "{{{}}}",
        (0..5_000)
            .map(|n| format!("a {n}: {n}"))
            .collect::<Vec<_>>()
            .join(", ")
    ));
    texts.push(format!(
        "{{{}}}",
        (1..5_000)
            .map(|n| format!("a{n}: a{}", n - 1))
            .collect::<Vec<_>>()
            .join(", ")
    ));
    texts.push(format!("[{}]", vec!["1"; 50_000].join(",")));
    texts.push(format!("f({})", vec!["x: 1"; 10_000].join(",")));
    texts.push(format!("\"{}\"", "x".repeat(200_000)));
    texts.push("x".repeat(200_000));
    texts.push("x ".repeat(100_000));
    texts.push("9".repeat(200_000));
    texts.push("/*".repeat(100_000));
    texts.push("@\"".repeat(50_000));
    texts.push("\u{0}\u{1}\u{feff}".repeat(100));
    texts.push("🐎".repeat(50_000));
    texts.push("e\u{301}".repeat(50_000));
    texts.push(format!("({})", "function(".repeat(1_000)));
    texts.push("1".to_owned() + &" in (1".repeat(90));
    texts.push("1".to_owned() + &" in not(1".repeat(90));
    texts.push("[1..".repeat(90));
    texts.push("x instance of ".to_owned() + &"list<".repeat(5_000));
    texts.push("x instance of ".to_owned() + &"function<".repeat(5_000));
    texts.push("x instance of ".to_owned() + &"context<a:".repeat(5_000));
    // Half of what was there, cut at every place of one text.
    let whole =
        "for x in [1, 2] return if x > 1 then {a: \"b\", c: [1..2]} else f(y: 1)[item > 2].z";
    texts.extend((0..whole.len()).map(|at| whole[..at].to_owned()));
    texts
}
