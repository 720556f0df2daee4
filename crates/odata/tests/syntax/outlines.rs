//! What a URL becomes: one tree for each corner that a binder has to tell apart.

use gridkeep_odata::syntax::{Limits, ast::Request};

#[test]
fn trees_are_what_the_grammar_says() {
    let check = |name: &str, url: &str| {
        let read = Request::parse(url, &Limits::default()).unwrap_or_else(|error| panic!("{url}: {error}"));
        let text = format!("{url}\n\n{}\n\n{}", outline(&read.resource), outline(&read.options));
        insta::assert_snapshot!(name, text);
    };
    check(
        "keys_and_arguments",
        "Find(name=@n,on=2024-02-29)(7)/Items(Order=1,No='x')/Model.Best()/$count?@n='O''Neil'",
    );
    check("key_as_segment", "Orders/abcdefab-0000-7000-8000-00000000000f/Items/4/$value");
    check(
        "roots",
        "A?$filter=$it/a eq $root/B(1)/c and $this/d ne @e/f and Model.g(h=1) in @i and @M.j%23k eq null",
    );
    check("lambdas", "A?$filter=b/any(x:x/c/all(y:y eq x/d and z eq y)) and x eq 1");
    check(
        "literals",
        "A?$filter=a in (1,-2.50,1e3,true,null,2024-02-29,11:22:33,2024-02-29T11:22Z,duration'P1D',M.E'X,2',binary'AQI')",
    );
    check(
        "shapes",
        "A?$select=b,c/d($top=1;$select=e),M.*,M.f(g,h)&$expand=i/M.j($levels=max;$count=true),k/$count($search=l),m/*/$ref",
    );
    check(
        "transformations",
        "A?$apply=groupby((b/c,rollup(d,e)),aggregate(f mul 2 with sum from g with max as h,$count as i,j))/concat(identity,topcount(1,k))",
    );
    check("searches", "A?$search=a b OR NOT (c AND \"d e\")");
}

/// What is given, in few lines: one flow of words.
fn outline(tree: &impl std::fmt::Debug) -> String {
    let pretty = format!("{tree:#?}");
    let given = pretty.lines().filter(|line| !(line.ends_with(": None,") || line.ends_with(": [],")));
    let words = given.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    let dense = [("( ", "("), ("[ ", "["), (", )", ")"), (", ]", "]"), (", }", " }")];
    let words = dense.iter().fold(words, |words, (wide, narrow)| words.replace(wide, narrow));
    let mut flow = String::new();
    let mut length = 0;
    for word in words.split(' ') {
        if length + word.len() > 110 {
            flow.push('\n');
            length = 0;
        } else if length > 0 {
            flow.push(' ');
        }
        flow.push_str(word);
        length += word.len() + 1;
    }
    flow
}
