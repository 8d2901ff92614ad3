//! Every built-in function with its parameters, in the order of DMN 1.5, clause 10.3.4.

use super::Run::{self, Machine, Plain};
use super::{context, conversion, list, numeric, ranges, statistics, temporal, text};

/// `name(parameter: type, optional?: type, repeated: type...) -> result`, one line for each way to call it.
pub(super) const TABLE: &[(&[&str], Run)] = &[
    // Conversion
    (
        &[
            "date(from: Any) -> date",
            "date(year: number, month: number, day: number) -> date",
        ],
        Plain(conversion::date),
    ),
    (
        &[
            "date and time(from: Any) -> date and time",
            "date and time(date: Any, time: time) -> date and time",
        ],
        Plain(conversion::date_and_time),
    ),
    (
        &[
            "time(from: Any) -> time",
            "time(hour: number, minute: number, second: number, offset?: days and time duration) -> time",
        ],
        Plain(conversion::time),
    ),
    (
        &["number(from: string, grouping separator: string, decimal separator: string) -> number"],
        Plain(conversion::number),
    ),
    (&["string(from: Any) -> string"], Plain(conversion::string)),
    (
        &["duration(from: string) -> Any"],
        Plain(conversion::duration),
    ),
    (
        &["years and months duration(from: Any, to: Any) -> years and months duration"],
        Plain(conversion::years_and_months),
    ),
    (&["range(from: string) -> range"], Plain(conversion::range)),
    // Boolean
    (&["not(negand: boolean) -> boolean"], Plain(conversion::not)),
    // Text
    (
        &["substring(string: string, start position: number, length?: number) -> string"],
        Plain(text::substring),
    ),
    (
        &["string length(string: string) -> number"],
        Plain(text::length),
    ),
    (
        &["upper case(string: string) -> string"],
        Plain(text::upper_case),
    ),
    (
        &["lower case(string: string) -> string"],
        Plain(text::lower_case),
    ),
    (
        &["substring before(string: string, match: string) -> string"],
        Plain(text::before),
    ),
    (
        &["substring after(string: string, match: string) -> string"],
        Plain(text::after),
    ),
    (
        &["replace(input: string, pattern: string, replacement: string, flags?: string) -> string"],
        Machine(text::replace),
    ),
    (
        &["contains(string: string, match: string) -> boolean"],
        Plain(text::contains),
    ),
    (
        &["starts with(string: string, match: string) -> boolean"],
        Plain(text::starts_with),
    ),
    (
        &["ends with(string: string, match: string) -> boolean"],
        Plain(text::ends_with),
    ),
    (
        &["matches(input: string, pattern: string, flags?: string) -> boolean"],
        Machine(text::matches),
    ),
    (
        &["split(string: string, delimiter: string) -> list<string>"],
        Machine(text::split),
    ),
    (
        &["string join(list: list<string>, delimiter?: string) -> string"],
        Plain(text::join),
    ),
    // Lists
    (
        &["list contains(list: list, element: Any) -> boolean"],
        Machine(list::contains),
    ),
    (
        &[
            "list replace(list: list, position: Any, newItem: Any) -> list",
            "list replace(list: list, match: function, newItem: Any) -> list",
        ],
        Machine(list::replace),
    ),
    (&["count(list: list) -> number"], Plain(list::count)),
    (
        &["min(list: list) -> Any", "min(c: Any...) -> Any"],
        Plain(statistics::min),
    ),
    (
        &["max(list: list) -> Any", "max(c: Any...) -> Any"],
        Plain(statistics::max),
    ),
    (
        &[
            "sum(list: list<number>) -> number",
            "sum(n: number...) -> number",
        ],
        Plain(statistics::sum),
    ),
    (
        &[
            "mean(list: list<number>) -> number",
            "mean(n: number...) -> number",
        ],
        Plain(statistics::mean),
    ),
    (
        &[
            "all(list: list<boolean>) -> boolean",
            "all(b: boolean...) -> boolean",
        ],
        Plain(statistics::all),
    ),
    (
        &[
            "any(list: list<boolean>) -> boolean",
            "any(b: boolean...) -> boolean",
        ],
        Plain(statistics::any),
    ),
    (
        &["sublist(list: list, start position: number, length?: number) -> list"],
        Plain(list::sublist),
    ),
    (
        &["append(list: list, item: Any...) -> list"],
        Plain(list::append),
    ),
    (
        &["concatenate(list: list...) -> list"],
        Plain(list::concatenate),
    ),
    (
        &["insert before(list: list, position: number, newItem: Any) -> list"],
        Plain(list::insert_before),
    ),
    (
        &["remove(list: list, position: number) -> list"],
        Plain(list::remove),
    ),
    (&["reverse(list: list) -> list"], Plain(list::reverse)),
    (
        &["index of(list: list, match: Any) -> list<number>"],
        Machine(list::index_of),
    ),
    (&["union(list: list...) -> list"], Machine(list::union)),
    (
        &["distinct values(list: list) -> list"],
        Machine(list::distinct),
    ),
    (&["flatten(list: list) -> list"], Machine(list::flatten)),
    (
        &[
            "product(list: list<number>) -> number",
            "product(n: number...) -> number",
        ],
        Plain(statistics::product),
    ),
    (
        &[
            "median(list: list<number>) -> number",
            "median(n: number...) -> number",
        ],
        Plain(statistics::median),
    ),
    (
        &[
            "stddev(list: list<number>) -> number",
            "stddev(n: number...) -> number",
        ],
        Plain(statistics::stddev),
    ),
    (
        &[
            "mode(list: list<number>) -> list<number>",
            "mode(n: number...) -> list<number>",
        ],
        Plain(statistics::mode),
    ),
    (
        &["sort(list: list, precedes?: function) -> list"],
        Machine(list::sort),
    ),
    // Numbers
    (
        &["decimal(n: number, scale: number) -> number"],
        Plain(numeric::decimal),
    ),
    (
        &["floor(n: number, scale?: number) -> number"],
        Plain(numeric::floor),
    ),
    (
        &["ceiling(n: number, scale?: number) -> number"],
        Plain(numeric::ceiling),
    ),
    (
        &["round up(n: number, scale: number) -> number"],
        Plain(numeric::round_up),
    ),
    (
        &["round down(n: number, scale: number) -> number"],
        Plain(numeric::round_down),
    ),
    (
        &["round half up(n: number, scale: number) -> number"],
        Plain(numeric::round_half_up),
    ),
    (
        &["round half down(n: number, scale: number) -> number"],
        Plain(numeric::round_half_down),
    ),
    (&["abs(n: Any) -> Any"], Plain(numeric::abs)),
    (
        &["modulo(dividend: number, divisor: number) -> number"],
        Plain(numeric::modulo),
    ),
    (&["sqrt(number: number) -> number"], Machine(numeric::sqrt)),
    (&["log(number: number) -> number"], Machine(numeric::log)),
    (&["exp(number: number) -> number"], Machine(numeric::exp)),
    (&["odd(number: number) -> boolean"], Plain(numeric::odd)),
    (&["even(number: number) -> boolean"], Plain(numeric::even)),
    // Dates and times
    (
        &["is(value1?: Any, value2?: Any) -> boolean"],
        Plain(conversion::is),
    ),
    (&["now() -> date and time"], Machine(temporal::now)),
    (&["today() -> date"], Machine(temporal::today)),
    (
        &["day of year(date: Any) -> number"],
        Plain(temporal::day_of_year),
    ),
    (
        &["day of week(date: Any) -> string"],
        Plain(temporal::day_of_week),
    ),
    (
        &["month of year(date: Any) -> string"],
        Plain(temporal::month_of_year),
    ),
    (
        &["week of year(date: Any) -> number"],
        Plain(temporal::week_of_year),
    ),
    // Contexts
    (
        &["get value(m: context, key: Any) -> Any"],
        Plain(context::get_value),
    ),
    (
        &["get entries(m: context) -> list"],
        Plain(context::get_entries),
    ),
    (
        &["context(entries: list) -> context"],
        Plain(context::context),
    ),
    (
        &[
            "context put(context: context, key: string, value: Any) -> context",
            "context put(context: context, keys: list<string>, value: Any) -> context",
        ],
        Plain(context::put),
    ),
    (
        &["context merge(contexts: list<context>) -> context"],
        Plain(context::merge),
    ),
    // Ranges
    (
        &[
            "before(point1: Any, point2: Any) -> boolean",
            "before(point: Any, range: range) -> boolean",
            "before(range: range, point: Any) -> boolean",
            "before(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::before),
    ),
    (
        &[
            "after(point1: Any, point2: Any) -> boolean",
            "after(point: Any, range: range) -> boolean",
            "after(range: range, point: Any) -> boolean",
            "after(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::after),
    ),
    (
        &["meets(range1: range, range2: range) -> boolean"],
        Plain(ranges::meets),
    ),
    (
        &["met by(range1: range, range2: range) -> boolean"],
        Plain(ranges::met_by),
    ),
    (
        &["overlaps(range1: range, range2: range) -> boolean"],
        Plain(ranges::overlaps),
    ),
    (
        &["overlaps before(range1: range, range2: range) -> boolean"],
        Plain(ranges::overlaps_before),
    ),
    (
        &["overlaps after(range1: range, range2: range) -> boolean"],
        Plain(ranges::overlaps_after),
    ),
    (
        &[
            "finishes(point: Any, range: range) -> boolean",
            "finishes(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::finishes),
    ),
    (
        &[
            "finished by(range: range, point: Any) -> boolean",
            "finished by(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::finished_by),
    ),
    (
        &[
            "includes(range: range, point: Any) -> boolean",
            "includes(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::includes),
    ),
    (
        &[
            "during(point: Any, range: range) -> boolean",
            "during(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::during),
    ),
    (
        &[
            "starts(point: Any, range: range) -> boolean",
            "starts(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::starts),
    ),
    (
        &[
            "started by(range: range, point: Any) -> boolean",
            "started by(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::started_by),
    ),
    (
        &[
            "coincides(point1: Any, point2: Any) -> boolean",
            "coincides(range1: range, range2: range) -> boolean",
        ],
        Plain(ranges::coincides),
    ),
];
