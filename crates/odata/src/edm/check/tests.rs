//! Each rule broken once, in the words of CSDL XML.

use crate::{
    csdl::xml,
    edm::{Edm, Schema},
};

const KEYED: &str =
    r#"<Key><PropertyRef Name="ID"/></Key><Property Name="ID" Type="Edm.Guid" Nullable="false"/>"#;

/// What is found in a schema `S` with these children; `{ID}` is a key property.
#[track_caller]
fn check(children: &str, expect: &[&str]) {
    let text = format!(
        r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.01">
        <edmx:Reference Uri="x"><edmx:Include Namespace="Other.Space" Alias="Other"/></edmx:Reference>
        <edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="S">{}</Schema>
        </edmx:DataServices></edmx:Edmx>"#,
        children.replace("{ID}", KEYED)
    );
    let found = xml::read(&text).unwrap().check();
    let found: Vec<String> = found.iter().map(|one| format!("{} {}", one.at, one.code)).collect();
    assert_eq!(found, expect);
}

#[test]
fn names() {
    check(r#"<ComplexType Name="A"/><ComplexType Name="B"/>"#, &[]);
    check(r#"<ComplexType Name="A"/><EnumType Name="A"><Member Name="a"/></EnumType>"#, &["S/A DUPLICATE"]);
    check(r#"<ComplexType Name="Row"/><ComplexType Name="ROW"/>"#, &["S/ROW CASE"]);
    check(r#"<ComplexType Name="1A"/>"#, &["S.1A NAME"]);
    check(r#"<ComplexType Name=""/>"#, &["S. NAME"]);
    check(r#"<ComplexType Name="Größe_ÄÖ1"/><ComplexType Name="名前"/>"#, &[]);
    check(r#"<ComplexType Name="A B"/>"#, &["S.A B NAME"]);
    check(&format!(r#"<ComplexType Name="{}"/>"#, "é".repeat(128)), &[]);
    let long = "a".repeat(129);
    check(&format!(r#"<ComplexType Name="{long}"/>"#), &[&format!("S.{long} NAME")]);
    check(
        r#"<ComplexType Name="A"><Property Name="x" Type="Edm.Int32"/><NavigationProperty Name="x" Type="S.E"/></ComplexType>
        <EntityType Name="E">{ID}</EntityType>"#,
        &["S.A/x DUPLICATE"],
    );
    check(
        r#"<ComplexType Name="A"><Property Name="x" Type="Edm.Int32"/></ComplexType>
        <ComplexType Name="B" BaseType="S.A"><Property Name="x" Type="Edm.Int32"/></ComplexType>"#,
        &["S.B/x DUPLICATE"],
    );
}

#[test]
fn namespaces_and_aliases() {
    let check = |schemas: &[(&str, &str)], expect: &[&str]| {
        let schema = |(namespace, alias): &(&str, &str)| Schema {
            namespace: (*namespace).to_owned(),
            alias: (!alias.is_empty()).then(|| (*alias).to_owned()),
            ..Schema::default()
        };
        let edm = Edm { schemas: schemas.iter().map(schema).collect(), ..Edm::default() };
        let found: Vec<String> = edm.check().iter().map(|one| format!("{} {}", one.at, one.code)).collect();
        assert_eq!(found, expect);
    };
    check(&[("A.B", "A"), ("B", "")], &[]);
    check(&[("A", ""), ("A", "")], &["/A DUPLICATE"]);
    check(&[("A", "x"), ("B", "x")], &["/x DUPLICATE"]);
    check(&[("A", "B"), ("B", "")], &["B DUPLICATE"]);
    check(&[("odata", "Edm")], &["Edm RESERVED", "odata RESERVED"]);
    check(&[("A..B", "")], &["A..B NAME"]);
    let long = ["a"; 257].join(".");
    check(&[(&long, "")], &[&format!("{long} NAME")]);
}

#[test]
fn types_and_bases() {
    check(r#"<ComplexType Name="A"><Property Name="x" Type="S.Nothing"/></ComplexType>"#, &["S.A/x TYPE"]);
    check(r#"<ComplexType Name="A"><Property Name="x" Type="Edm.Nothing"/></ComplexType>"#, &["S.A/x TYPE"]);
    check(r#"<ComplexType Name="A"><Property Name="x" Type="Other.Anything"/></ComplexType>"#, &[]);
    check(r#"<ComplexType Name="A"><Property Name="x" Type="Other.Space.Anything"/></ComplexType>"#, &[]);
    check(
        r#"<EntityType Name="E">{ID}</EntityType><ComplexType Name="A"><Property Name="x" Type="S.E"/></ComplexType>"#,
        &["S.A/x TYPE"],
    );
    check(r#"<ComplexType Name="A" BaseType="S.B"/>"#, &["S.A BASE"]);
    check(r#"<ComplexType Name="A" BaseType="S.E"/><EntityType Name="E">{ID}</EntityType>"#, &["S.A BASE"]);
    check(
        r#"<ComplexType Name="A" BaseType="S.B"/><ComplexType Name="B" BaseType="S.C"/><ComplexType Name="C" BaseType="S.A"/>"#,
        &["S.A BASE", "S.B BASE", "S.C BASE"],
    );
    check(r#"<ComplexType Name="A" BaseType="S.A"/>"#, &["S.A BASE"]);
    let property =
        |facets: &str| format!(r#"<ComplexType Name="A"><Property Name="x" {facets}/></ComplexType>"#);
    check(&property(r#"Type="Edm.Decimal" Precision="5" Scale="6""#), &["S.A/x FACET"]);
    check(&property(r#"Type="Edm.Decimal" Precision="5" Scale="5""#), &[]);
    check(&property(r#"Type="Edm.Int32" Precision="5""#), &["S.A/x FACET"]);
    check(&property(r#"Type="Edm.String" Scale="5""#), &["S.A/x FACET"]);
    check(&property(r#"Type="Edm.Date" MaxLength="5""#), &["S.A/x FACET"]);
    check(&property(r#"Type="Edm.Duration" Precision="13""#), &["S.A/x FACET"]);
    check(r#"<TypeDefinition Name="T" UnderlyingType="Edm.Untyped"/>"#, &["S.T TYPE"]);
    check(r#"<Term Name="T" Type="S.No" BaseTerm="S.None"/>"#, &["S.T TYPE", "S.T BASE"]);
}

#[test]
fn keys() {
    let key = |property: &str| {
        format!(
            r#"<EntityType Name="E"><Key><PropertyRef Name="k"/></Key><Property Name="k" {property}/></EntityType>"#
        )
    };
    check(&key(r#"Type="Edm.String" Nullable="false""#), &[]);
    check(&key(r#"Type="Edm.String""#), &["S.E/k KEY"]);
    check(&key(r#"Type="Edm.Double" Nullable="false""#), &["S.E/k KEY"]);
    check(&key(r#"Type="Collection(Edm.String)" Nullable="false""#), &["S.E/k KEY"]);
    check(r#"<EntityType Name="E"><Key><PropertyRef Name="k"/></Key></EntityType>"#, &["S.E/k KEY"]);
    let path = |alias: &str| {
        format!(
            r#"<EntityType Name="E"><Key><PropertyRef Name="c/k" {alias}/></Key><Property Name="c" Type="S.C" Nullable="false"/>
            </EntityType><ComplexType Name="C"><Property Name="k" Type="Edm.Int64" Nullable="false"/></ComplexType>"#
        )
    };
    check(&path(r#"Alias="k""#), &[]);
    check(&path(""), &["S.E/c/k KEY"]);
    check(
        r#"<EntityType Name="E">{ID}</EntityType><EntityType Name="F" BaseType="S.E"><Key><PropertyRef Name="y"/></Key>
        <Property Name="y" Type="Edm.Int32" Nullable="false"/></EntityType>"#,
        &["S.F KEY"],
    );
}

#[test]
fn navigation() {
    let both = |there: &str, back: &str| {
        format!(
            r#"<EntityType Name="A">{{ID}}<NavigationProperty Name="b" Type="S.B" {there}/></EntityType>
            <EntityType Name="B">{{ID}}<NavigationProperty Name="a" Type="Collection(S.A)" {back}/></EntityType>"#
        )
    };
    check(&both(r#"Partner="a""#, r#"Partner="b""#), &[]);
    check(&both(r#"Partner="c""#, ""), &["S.A/b PARTNER"]);
    check(&both(r#"Partner="ID""#, ""), &["S.A/b PARTNER"]);
    check(&both(r#"Partner="a""#, r#"Partner="x""#), &["S.A/b PARTNER", "S.B/a PARTNER"]);
    check(&both("", r#"Nullable="true""#), &["S.B/a NULLABLE"]);
    check(
        r#"<EntityType Name="A">{ID}<NavigationProperty Name="b" Type="S.C"/></EntityType>"#,
        &["S.A/b TYPE"],
    );
    check(
        r#"<EntityType Name="A">{ID}<NavigationProperty Name="b" Type="Edm.String"/></EntityType>"#,
        &["S.A/b TYPE"],
    );
    check(
        r#"<EntityType Name="A">{ID}<NavigationProperty Name="b" Type="S.A"><ReferentialConstraint Property="no"
        ReferencedProperty="nor"/></NavigationProperty></EntityType>"#,
        &["S.A/b CONSTRAINT", "S.A/b CONSTRAINT"],
    );
}

#[test]
fn enumerations() {
    let of =
        |attributes: &str, members: &str| format!(r#"<EnumType Name="E" {attributes}>{members}</EnumType>"#);
    check(&of("", r#"<Member Name="a"/><Member Name="b"/>"#), &[]);
    check(&of("", ""), &["S.E ENUM"]);
    check(&of("", r#"<Member Name="a"/><Member Name="a"/>"#), &["S.E/a DUPLICATE"]);
    check(&of(r#"UnderlyingType="Edm.Byte""#, r#"<Member Name="a" Value="256"/>"#), &["S.E/a ENUM"]);
    check(&of(r#"IsFlags="true""#, r#"<Member Name="a" Value="-1"/>"#), &["S.E/a ENUM"]);
}

#[test]
fn operations() {
    check(r#"<Action Name="a"/><Action Name="a"/>"#, &["S.a OVERLOAD"]);
    let function = |parameters: &str| {
        format!(r#"<Function Name="f">{parameters}<ReturnType Type="Edm.Int32"/></Function>"#)
    };
    let one = r#"<Parameter Name="x" Type="Edm.Int32"/>"#;
    let other = r#"<Parameter Name="y" Type="Edm.Int32"/>"#;
    let both = r#"<Parameter Name="x" Type="Edm.Int32"/><Parameter Name="y" Type="Edm.Int32"/>"#;
    check(&[function(one), function(both)].concat(), &[]);
    check(&[function(one), function(other)].concat(), &["S.f OVERLOAD"]);
    check(&[function(one), r#"<Action Name="f"/>"#.to_owned()].concat(), &["S.f OVERLOAD"]);
    check(r#"<Action Name="a" IsBound="true"/>"#, &["S.a BINDING"]);
    check(r#"<Action Name="a"><Parameter Name="x" Type="S.No"/></Action>"#, &["S.a/x TYPE"]);
    let path = |path: &str| {
        format!(
            r#"<EntityType Name="E">{{ID}}<NavigationProperty Name="n" Type="S.E"/></EntityType>
            <Function Name="f" IsBound="true" EntitySetPath="{path}"><Parameter Name="it" Type="S.E"/><ReturnType Type="S.E"/></Function>"#
        )
    };
    check(&path("it/n"), &[]);
    check(&path("it/no"), &["S.f ENTITY_SET_PATH"]);
    check(&path("that/n"), &["S.f ENTITY_SET_PATH"]);
}

#[test]
fn containers() {
    let of = |children: &str| {
        format!(
            r#"<EntityType Name="A">{{ID}}<NavigationProperty Name="b" Type="S.B"/><Property Name="c" Type="S.C"/></EntityType>
            <EntityType Name="B">{{ID}}</EntityType><EntityType Name="K" Abstract="true"/>
            <ComplexType Name="C"><NavigationProperty Name="d" Type="S.B"/></ComplexType>
            <Function Name="f"><ReturnType Type="S.A"/></Function><Action Name="act"/>
            <EntityContainer Name="X">{children}</EntityContainer>"#
        )
    };
    let set = |binding: &str| {
        let sets = r#"<EntitySet Name="Bs" EntityType="S.B"/><Singleton Name="One" Type="S.B"/>"#;
        of(&format!(r#"<EntitySet Name="As" EntityType="S.A">{binding}</EntitySet>{sets}"#))
    };
    let binding =
        |path: &str, target: &str| format!(r#"<NavigationPropertyBinding Path="{path}" Target="{target}"/>"#);
    check(&set(&binding("b", "Bs")), &[]);
    check(&set(&binding("b", "One")), &[]);
    check(&set(&binding("b", "S.X/Bs")), &[]);
    check(&set(&binding("c/d", "Bs")), &[]);
    check(&set(&binding("b", "Other.X/Bs")), &[]);
    check(&set(&binding("b", "Cs")), &["S.X/As/b BINDING"]);
    check(&set(&binding("b", "S.Y/Bs")), &["S.X/As/b BINDING"]);
    check(&set(&binding("b", "As")), &["S.X/As/b BINDING"]);
    check(&set(&binding("no", "Bs")), &["S.X/As/no BINDING"]);
    check(&set(&binding("c", "Bs")), &["S.X/As/c BINDING"]);
    check(&set(&[binding("b", "Bs"), binding("b", "One")].concat()), &["S.X/As/b DUPLICATE"]);
    check(&of(r#"<EntitySet Name="x" EntityType="S.K"/>"#), &["S.X/x KEY"]);
    check(&of(r#"<EntitySet Name="x" EntityType="S.C"/>"#), &["S.X/x TYPE"]);
    check(&of(r#"<Singleton Name="x" Type="S.No"/>"#), &["S.X/x TYPE"]);
    check(&of(r#"<Singleton Name="x" Type="S.A"/><EntitySet Name="X" EntityType="S.A"/>"#), &["S.X/x CASE"]);
    check(&of(r#"<FunctionImport Name="x" Function="S.f"/><ActionImport Name="y" Action="S.act"/>"#), &[]);
    check(&of(r#"<FunctionImport Name="x" Function="S.act"/>"#), &["S.X/x IMPORT"]);
    check(&of(r#"<ActionImport Name="x" Action="S.b"/>"#), &["S.X/x IMPORT"]);
    check(&of(r#"<FunctionImport Name="x" Function="S.f" EntitySet="No"/>"#), &["S.X/x BINDING"]);
}

#[test]
fn annotations() {
    let said = |target: &str| {
        format!(
            r#"<EntityType Name="E">{{ID}}<NavigationProperty Name="n" Type="S.E"/></EntityType>
            <EnumType Name="M"><Member Name="a"/></EnumType><Function Name="f"><Parameter Name="p" Type="S.E"/><ReturnType Type="S.E"/></Function>
            <EntityContainer Name="X"><EntitySet Name="Es" EntityType="S.E"/><FunctionImport Name="g" Function="S.f"/></EntityContainer>
            <Annotations Target="{target}"><Annotation Term="Other.T"/></Annotations>"#
        )
    };
    for right in [
        "S.E",
        "S.E/ID",
        "S.E/n/ID",
        "S.M",
        "S.M/a",
        "S.f",
        "S.f(S.E)",
        "S.f(S.E)/p",
        "S.f/$ReturnType",
        "S.X",
        "S.X/Es",
        "S.X/Es/n",
        "S.X/g",
        "Other.Thing/x",
    ] {
        check(&said(right), &[]);
    }
    for wrong in ["S.N", "S.E/m", "S.M/b", "S.f/q", "S.f(S.E,)", "S.X/Fs", "S.X/Es/m", "S.X/g/h", "E"] {
        check(&said(wrong), &[&format!("{wrong} TARGET")]);
    }
    let twice = |more: &str| {
        format!(
            r#"<ComplexType Name="A"><Annotation Term="Other.T"/><Annotation Term="Other.Space.T" {more}/></ComplexType>"#
        )
    };
    check(&twice(r#"Qualifier="q""#), &[]);
    check(&twice(""), &["S.A@Other.T ANNOTATION"]);
}

/// A line of 5,000 base types and a circle of as many.
#[test]
fn deep_bases_end() {
    let chain = |last: usize| {
        let types = (0..5_000).map(|at| {
            let base = if at + 1 == 5_000 { last } else { at + 1 };
            format!(r#"<ComplexType Name="T{at}" BaseType="S.T{base}"/>"#)
        });
        types.collect::<String>()
    };
    let found = |last: usize| {
        let text = format!(
            r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.01"><edmx:DataServices>
            <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="S">{}</Schema></edmx:DataServices></edmx:Edmx>"#,
            chain(last)
        );
        xml::read(&text).unwrap().check()
    };
    assert!(found(0).iter().all(|one| one.code == "BASE"));
    assert_eq!(found(0).len(), 5_000);
}
