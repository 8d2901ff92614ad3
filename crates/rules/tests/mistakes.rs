//! What people who write rules get wrong, and what they are told.

use rules::dmn::Model;
use rules::types::{Schema, check};
use rules::{Language, Type};

fn schema() -> Schema {
    let order = Type::context([("total", Type::Number), ("estado", Type::String)]);
    Schema::new()
        .with("monto", Type::Number)
        .with("nivel", Type::String)
        .with("activo", Type::Boolean)
        .with("fecha", Type::Date)
        .with("cliente", Type::context([("nombre", Type::String)]))
        .with("pedidos", order.list())
}

#[test]
fn each_is_told_what_to_write_instead() {
    let cases = [
        ("monto => 1000", "Se escribe: >=", "Write: >="),
        ("monto =< 1000", "Se escribe: <=", "Write: <="),
        ("monto <> 1000", "Se escribe: !=", "Write: !="),
        ("monto ≥ 1000", "Se escribe: >=", "Write: >="),
        (
            "monto > 1,000",
            "Los decimales se escriben con punto",
            "Decimals are written with a point",
        ),
        (
            "monto > 1.000,50",
            "los miles sin separador",
            "thousands without a separator",
        ),
        (
            "nivel = oro",
            "va entre comillas: \"oro\"",
            "put it in quotes: \"oro\"",
        ),
        (
            "nivel = 'oro'",
            "comillas dobles rectas",
            "straight double quotes",
        ),
        (
            "nivel = “oro”",
            "comillas dobles rectas",
            "straight double quotes",
        ),
        (
            "nivel = \"oro",
            "Falta la comilla",
            "quote of the text is missing",
        ),
        (
            "monto > 1000 y nivel = \"oro\"",
            "hay «y». Se escribe: and",
            "found “y”. Write: and",
        ),
        ("monto > 1000 AND activo", "Se escribe: and", "Write: and"),
        ("monto > 1000 && activo", "Se escribe: and", "Write: and"),
        ("monto > 1000 || activo", "Se escribe: or", "Write: or"),
        ("!activo", "Se escribe: not(…)", "Write: not(…)"),
        ("not monto > 1000", "Se escribe: not(…)", "Write: not(…)"),
        (
            "si monto > 1000 entonces \"a\" sino \"b\"",
            "if … then … else …",
            "if … then … else …",
        ),
        (
            "if monto > 1000 then \"alto\"",
            "Aquí falta «else»",
            "“else” is missing",
        ),
        (
            "if monto > 1000 \"alto\" else \"bajo\"",
            "se esperaba «then»",
            "Expected “then”",
        ),
        (
            "if monto then 1 else 2",
            "se espera una condición",
            "A condition (true or false) is expected",
        ),
        (
            "monto > 1000 and",
            "Aquí falta una expresión",
            "an expression is missing",
        ),
        ("(monto > 1000", "Aquí falta «)»", "“)” is missing"),
        ("monto > 1000)", "Sobra", "one too many"),
        ("pedidos[total > 3", "Aquí falta «]»", "“]” is missing"),
        (
            "monto = \"1000\"",
            "Los números se escriben sin comillas",
            "Numbers are written without quotes",
        ),
        (
            "monto is null",
            "Se escribe: monto = null",
            "Write: monto = null",
        ),
        (
            "monto is not null",
            "Se escribe: monto != null",
            "Write: monto != null",
        ),
        (
            "fecha > 2026-01-01",
            "Una fecha se escribe @\"",
            "A date is written @\"",
        ),
        (
            "fecha > \"2026-01-01\"",
            "Una fecha se escribe @\"",
            "A date is written @\"",
        ),
        (
            "fecha > @\"01/02/2026\"",
            "año, mes y día",
            "year, month and day",
        ),
        (
            "today() - 30",
            "30 días son @\"P30D\"",
            "30 days are @\"P30D\"",
        ),
        (
            "fecha + 1",
            "30 días son @\"P30D\"",
            "30 days are @\"P30D\"",
        ),
        (
            "count pedidos > 3",
            "Se escribe: count(pedidos)",
            "Write: count(pedidos)",
        ),
        (
            "suma(pedidos.total)",
            "¿Quería decir «sum»?",
            "Did you mean “sum”?",
        ),
        ("hoy() > fecha", "Se escribe: today()", "Write: today()"),
        (
            "promedio(pedidos.total)",
            "Se escribe: mean(…)",
            "Write: mean(…)",
        ),
        (
            "lower(nivel)",
            "Se escribe: lower case(…)",
            "Write: lower case(…)",
        ),
        ("isnull(monto)", "Se escribe: x = null", "Write: x = null"),
        (
            "sum(pedidos.totl)",
            "¿Quería decir «total»?",
            "Did you mean “total”?",
        ),
        (
            "cliente.nombres",
            "¿Quería decir «nombre»?",
            "Did you mean “nombre”?",
        ),
        (
            "mont > 3",
            "¿Quería decir «monto»?",
            "Did you mean “monto”?",
        ),
        (
            "contains(nivel)",
            "Se escribe: contains(string",
            "Write: contains(string",
        ),
        ("sum(monto, \"a\")", "espera un número", "expects a number"),
        (
            "substring(nivel; 1; 3)",
            "se separan con comas",
            "separated by commas",
        ),
        ("monto > 10%", "10 % es 0.10", "10% is 0.10"),
        (
            "monto > $1000",
            "sin símbolo de moneda",
            "without a currency sign",
        ),
        (
            "monto between 1 y 10",
            "se esperaba «and»",
            "Expected “and”",
        ),
        (
            "monto in 1..10",
            "va entre corchetes: [1..10]",
            "square brackets: [1..10]",
        ),
        (
            "nivel in \"oro\", \"plata\"",
            "van entre paréntesis",
            "stand in brackets",
        ),
        (
            "nivel = \"oro\" or \"plata\"",
            "Repita la comparación",
            "Repeat the comparison",
        ),
        ("nivel like \"o%\"", "contains(…)", "contains(…)"),
        ("activo = Verdadero", "Se escribe: true", "Write: true"),
        ("activo = \"sí\"", "sin comillas", "without quotes"),
        ("cliente.nombre + 1", "string(…)", "string(…)"),
        ("1 < monto < 10", "de dos en dos", "two at a time"),
        ("= 100", "no empieza con «=»", "does not begin with “=”"),
        ("", "Escriba una condición", "Write a condition"),
        ("{a: 1, a: 2}", "aparece dos veces", "appears twice"),
    ];
    for (text, es, en) in cases {
        let problems = check(text, &schema()).problems;
        let problem = problems
            .first()
            .unwrap_or_else(|| panic!("{text}: no problem"));
        for (language, wanted) in [(Language::Es, es), (Language::En, en)] {
            let said = problem.sentence(language);
            assert!(said.contains(wanted), "{text}: {said}");
            assert!(
                !said.contains(['{', '}']) || text.contains('{'),
                "{text}: {said}"
            );
        }
    }
}

#[test]
fn a_model_names_the_line_of_the_file_and_the_cell() {
    let xml = "<definitions namespace=\"n\" name=\"m\">
  <itemDefinition name=\"tipo\"><typeRef>string</typeRef>
    <allowedValues><text>\"a\", \"b</text></allowedValues>
  </itemDefinition>
  <decision id=\"d\" name=\"Descuento\">
    <decisionTable>
      <input><inputExpression><text>monto</text></inputExpression></input>
      <output name=\"x\"/>
      <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
      <rule>
        <inputEntry>
          <text>

            &lt; 10,
            =&lt; 20
          </text>
        </inputEntry>
        <outputEntry><text>1 +</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <decision id=\"e\" name=\"Otra\"><literalExpression><text>if a
    then b</text></literalExpression></decision>
</definitions>";
    let model = Model::read(xml).unwrap();
    let mut said: Vec<String> = model
        .problems()
        .iter()
        .map(|problem| problem.sentence(Language::Es))
        .collect();
    said.sort();
    let lines = [
        "Línea 15, «Descuento», regla 2, entrada 1: ",
        "Línea 18, «Descuento», regla 2, salida 1: ",
        "Línea 23, «Otra»: ",
        "Línea 3, «tipo»: ",
    ];
    assert_eq!(said.len(), lines.len(), "{said:#?}");
    for (sentence, line) in said.iter().zip(lines) {
        assert!(sentence.starts_with(line), "{sentence}");
    }

    for (xml, es, en) in [
        ("", "línea 1", "no element"),
        ("<definitions>\n<a></b></definitions>", "línea 2", "closed"),
        ("<definitions>", "cortado", "cut off"),
        ("<definitions>a & b</definitions>", "&amp;", "&amp;"),
        ("<html/>", "empieza con <html>", "begins with <html>"),
    ] {
        let refused = Model::read(xml).err().unwrap();
        let refused = refused.first().unwrap();
        assert!(
            refused.sentence(Language::Es).contains(es),
            "{xml}: {}",
            refused.sentence(Language::Es)
        );
        assert!(
            refused.sentence(Language::En).contains(en),
            "{xml}: {}",
            refused.sentence(Language::En)
        );
    }
}
