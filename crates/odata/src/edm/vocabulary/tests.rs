//! Right and wrong annotations, by the published vocabularies.

use std::fs;

use super::Vocabularies;
use crate::csdl::{json, xml};

fn vocabularies() -> Option<Vocabularies> {
    let folder = gridkeep_kit::shared()?.join("data/odata/vocabularies");
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = all.filter(|path| path.extension().is_some_and(|ending| ending == "xml"));
    Some(Vocabularies::new(all.map(|path| xml::read(&fs::read_to_string(path).unwrap()).unwrap())))
}

/// What is found where these annotations stand: of the container, the set, the type, its property and its parameter.
#[track_caller]
fn check(vocabularies: &Vocabularies, place: &str, annotation: &str, expect: &[&str]) {
    const PLACES: [&str; 6] = ["container", "set", "type", "text", "number", "schema"];
    assert!(PLACES.contains(&place));
    let mut text = r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.01">
        <edmx:Reference Uri="c"><edmx:Include Namespace="Org.OData.Core.V1" Alias="Core"/></edmx:Reference>
        <edmx:Reference Uri="d"><edmx:Include Namespace="Org.OData.Capabilities.V1" Alias="Cap"/></edmx:Reference>
        <edmx:Reference Uri="v"><edmx:Include Namespace="Org.OData.Validation.V1" Alias="Validation"/></edmx:Reference>
        <edmx:Reference Uri="u"><edmx:Include Namespace="com.example.UI" Alias="UI"/></edmx:Reference>
        <edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="S">
        <EntityType Name="E"><Key><PropertyRef Name="ID"/></Key><Property Name="ID" Type="Edm.Guid" Nullable="false"/>
        <Property Name="T" Type="Edm.String">{text}</Property><Property Name="N" Type="Edm.Int32">{number}</Property>
        <NavigationProperty Name="Nav" Type="S.E"/>{type}</EntityType><Term Name="Own" Type="Core.Tag" DefaultValue="true" AppliesTo="Property"/>
        <EntityContainer Name="X"><EntitySet Name="Es" EntityType="S.E">{set}</EntitySet>{container}</EntityContainer>{schema}
        </Schema></edmx:DataServices></edmx:Edmx>"#
        .to_owned();
    for name in PLACES {
        text = text.replace(&format!("{{{name}}}"), if name == place { annotation } else { "" });
    }
    let edm = xml::read(&text).unwrap();
    let found: Vec<&str> = vocabularies.judge(&edm).iter().map(|one| one.code).collect();
    assert_eq!(found, expect, "{annotation}");
}

#[test]
fn annotations() {
    let Some(v) = vocabularies() else { return };
    let v = &v;
    check(v, "text", r#"<Annotation Term="Core.Computed" Bool="true"/>"#, &[]);
    check(v, "text", r#"<Annotation Term="Core.Computed"/>"#, &[]);
    check(v, "text", r#"<Annotation Term="Core.Computed" String="true"/>"#, &["VALUE"]);
    check(v, "text", r#"<Annotation Term="Org.OData.Core.V1.Computed"/>"#, &[]);
    check(v, "text", r#"<Annotation Term="Core.Compted"/>"#, &["TERM"]);
    check(v, "text", r#"<Annotation Term="Nowhere.Computed"/>"#, &["TERM_NAMESPACE"]);
    check(v, "text", r#"<Annotation Term="UI.Hidden"/>"#, &[]);
    check(v, "set", r#"<Annotation Term="Core.Computed"/>"#, &["APPLIES_TO"]);
    check(v, "text", r#"<Annotation Term="S.Own"/>"#, &[]);
    check(v, "set", r#"<Annotation Term="S.Own"/>"#, &["APPLIES_TO"]);
    check(v, "text", r#"<Annotation Term="S.Other"/>"#, &["TERM"]);
    check(v, "text", r#"<Annotation Term="Core.Description"/>"#, &[]);
    check(v, "text", r#"<Annotation Term="Core.IsURL"/>"#, &[]);
    check(v, "number", r#"<Annotation Term="Core.IsURL"/>"#, &["REQUIRES_TYPE"]);
    check(
        v,
        "number",
        r#"<Annotation Term="Validation.Minimum" Int="0"><Annotation Term="Validation.Exclusive"/></Annotation>"#,
        &[],
    );
    check(v, "number", r#"<Annotation Term="Validation.Exclusive"/>"#, &["APPLIES_TO"]);
    check(v, "number", r#"<Annotation Term="Validation.Minimum"><Record/></Annotation>"#, &["VALUE"]);
    check(v, "type", r#"<Annotation Term="Core.Permissions" EnumMember="Core.Permission/Read"/>"#, &[]);
    check(
        v,
        "type",
        r#"<Annotation Term="Core.Permissions" EnumMember="Core.Permission/Reed"/>"#,
        &["VALUE"],
    );
    check(v, "type", r#"<Annotation Term="Core.Permissions" String="Read"/>"#, &[]);
    check(
        v,
        "schema",
        r#"<Annotations Target="S.E/T"><Annotation Term="Core.Computed"/></Annotations>"#,
        &[],
    );
    check(
        v,
        "schema",
        r#"<Annotations Target="S.X/Es/T"><Annotation Term="Core.Computed"/></Annotations>"#,
        &[],
    );
    check(
        v,
        "schema",
        r#"<Annotations Target="S.X/Es"><Annotation Term="Core.Computed"/></Annotations>"#,
        &["APPLIES_TO"],
    );
    check(
        v,
        "schema",
        r#"<Annotations Target="UI.No/X"><Annotation Term="Core.Computed"/></Annotations>"#,
        &[],
    );
}

#[test]
fn records_and_paths() {
    let Some(v) = vocabularies() else { return };
    let filter = |inner: &str, expect: &[&str]| {
        let annotation =
            format!(r#"<Annotation Term="Cap.FilterRestrictions"><Record>{inner}</Record></Annotation>"#);
        check(&v, "set", &annotation, expect);
    };
    let paths = |path: &str| {
        format!(
            r#"<PropertyValue Property="NonFilterableProperties"><Collection>{path}</Collection></PropertyValue>"#
        )
    };
    filter("", &[]);
    filter(r#"<PropertyValue Property="Filterable" Bool="false"/>"#, &[]);
    filter(r#"<PropertyValue Property="Filterable" String="no"/>"#, &["VALUE"]);
    filter(r#"<PropertyValue Property="Fliterable" Bool="false"/>"#, &["PROPERTY"]);
    filter(r#"<PropertyValue Property="MaxLevels" Int="3000000000"/>"#, &["VALUE"]);
    filter(&paths("<PropertyPath>T</PropertyPath><PropertyPath>Nav/T</PropertyPath>"), &[]);
    filter(&paths("<PropertyPath>X</PropertyPath>"), &["PATH"]);
    filter(&paths("<PropertyPath>Nav</PropertyPath>"), &["PATH"]);
    filter(&paths("<NavigationPropertyPath>Nav</NavigationPropertyPath>"), &["VALUE"]);
    filter(r#"<PropertyValue Property="NonFilterableProperties" PropertyPath="T"/>"#, &["VALUE"]);
    let keys = |inner: &str, expect: &[&str]| {
        let annotation = format!(
            r#"<Annotation Term="Core.AlternateKeys"><Collection><Record><PropertyValue Property="Key"><Collection><Record>
            {inner}</Record></Collection></PropertyValue></Record></Collection></Annotation>"#
        );
        check(&v, "type", &annotation, expect);
    };
    keys(
        r#"<PropertyValue Property="Name" PropertyPath="T"/><PropertyValue Property="Alias" String="T"/>"#,
        &[],
    );
    keys(r#"<PropertyValue Property="Alias" String="T"/>"#, &["PROPERTY_MISSING"]);
    check(&v, "set", r#"<Annotation Term="Cap.CountRestrictions" Bool="true"/>"#, &["VALUE"]);
    let search = |members: &str| {
        format!(
            r#"<Annotation Term="Cap.SearchRestrictions"><Record><PropertyValue Property="UnsupportedExpressions"
            EnumMember="{members}"/></Record></Annotation>"#
        )
    };
    let full = "Org.OData.Capabilities.V1.SearchExpressions";
    check(&v, "set", &search("Cap.SearchExpressions/OR Cap.SearchExpressions/NOT"), &[]);
    check(&v, "set", &search(&format!("{full}/OR {full}/NOT")), &[]);
    check(&v, "set", &search("Cap.SearchExpressions/XOR"), &["VALUE"]);
}

/// The vocabularies speak of themselves, and read from JSON they are judged the same.
#[test]
fn published_vocabularies_are_right() {
    let Some(v) = vocabularies() else { return };
    let folder = gridkeep_kit::shared().unwrap().join("data/odata/vocabularies");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let edm = match path.extension().and_then(|ending| ending.to_str()) {
            Some("xml") => xml::read(&text).unwrap(),
            Some("json") => json::read(&text).unwrap(),
            _ => continue,
        };
        // Examples show terms where they would not apply, and two types of Core say what the term says of properties.
        let examples = [
            "@Core.Example/Record@",
            "Core.V1.LocalDateTime@Validation.Pattern",
            "SimpleIdentifier@Validation.Pattern",
        ];
        let mut found = v.judge(&edm);
        found.retain(|one| one.code != "APPLIES_TO" || !examples.iter().any(|known| one.at.contains(known)));
        assert_eq!(found, [], "{}", path.display());
        assert_eq!(edm.check(), [], "{}", path.display());
    }
}
