//! Mending: the law that no word is lost, small texts step by step, and the real texts where
//! they are at hand.

use std::{fs, path::Path};

use proptest::prelude::*;

use super::*;

/// All steps, as `examples/mappings/policies.toml` lists them.
fn policy_steps() -> Vec<Step> {
    #[derive(Deserialize)]
    struct Mapping {
        body: Body,
    }
    #[derive(Deserialize)]
    struct Body {
        steps: Vec<Step>,
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/mappings/policies.toml");
    let text = fs::read_to_string(file).expect("the example mapping is in the repository");
    toml::from_str::<Mapping>(&text).expect("the example mapping reads").body.steps
}

fn steps(toml: &str) -> Result<Vec<Step>, toml::de::Error> {
    #[derive(Deserialize)]
    struct Steps {
        steps: Vec<Step>,
    }
    toml::from_str::<Steps>(toml).map(|read| read.steps)
}

fn letters(text: &str) -> String {
    let kept: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    kept
}

/// The law: what is not listed as dropped is in the result, in the same order.
fn assert_no_word_is_lost(text: &str, mended: &Mended) {
    let dropped = |number: usize| mended.dropped.iter().any(|dropped| dropped.line == number);
    let kept: Vec<&str> = text
        .lines()
        .enumerate()
        .filter(|(index, _)| !dropped(index + 1))
        .map(|(_, line)| line)
        .collect();
    let result = crate::rich_text::derive(&mended.html).text;
    assert_eq!(letters(&result), letters(&kept.concat()));
    for dropped in &mended.dropped {
        let line = text.lines().nth(dropped.line - 1).unwrap_or_default();
        assert_eq!(line.trim(), dropped.text, "line {}", dropped.line);
    }
    assert_eq!(clean_html(&mended.html), mended.html, "cleaning changes nothing");
}

fn mended(text: &str) -> String {
    let mended = mend(text, &policy_steps());
    assert_no_word_is_lost(text, &mended);
    mended.html
}

#[test]
fn steps_are_read_from_a_mapping_and_unknown_ones_are_refused() {
    let read = steps(
        "steps = [{ step = 'drop_page_marks', patterns = ['^\\d+$'] }, { step = 'drop_page_marks' }, \
         { step = 'join_lines', layout = 'lines' }, { step = 'take_title' }]",
    );
    assert_eq!(
        read.expect("these are steps"),
        [
            Step::DropPageMarks { patterns: vec![Pattern::new(r"^\d+$").expect("a pattern")] },
            Step::DropPageMarks { patterns: lines::page_marks() },
            Step::JoinLines { layout: Layout::Lines },
            Step::TakeTitle {},
        ]
    );
    for wrong in [
        "steps = [{ step = 'join' }]",
        "steps = [{ step = 'take_title', lines = 2 }]",
        "steps = [{ step = 'drop_lines' }]",
        "steps = [{ step = 'drop_lines', patterns = ['('] }]",
    ] {
        assert!(steps(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn printed_lines_become_paragraphs_across_a_page_break() {
    let text = "  加强兰桥市政府网站信息内容建设管理，提升政府网站发布信\n\n息、解读政策、回应关切、引导\
                舆论的能力和水平，将政府网站\n\n\n\n－４－\n\n 打造成更加及时、准确、有效的政府信息\
                发布、互动交流和公共\n\n服务平台，每年不少于 4 次。\n\n  各部门要根据本意见制定具体措施，\
                抓好贯彻落实，并将有关\n\n情况报送市人民政府办公室。\n";

    let result = mend(text, &policy_steps());

    assert_no_word_is_lost(text, &result);
    assert_eq!(
        result.html,
        "<p class=\"indent-2\">加强兰桥市政府网站信息内容建设管理，提升政府网站发布信息、解读政策、\
         回应关切、引导舆论的能力和水平，将政府网站打造成更加及时、准确、有效的政府信息发布、互动交流\
         和公共服务平台，每年不少于 4 次。</p><p class=\"indent-2\">各部门要根据本意见制定具体措施，\
         抓好贯彻落实，并将有关情况报送市人民政府办公室。</p>"
    );
    let mark = Dropped { line: 7, text: "－４－".into(), step: "drop_page_marks" };
    assert_eq!(result.dropped, [mark]);
}

#[test]
fn title_number_address_headings_and_signature_are_told_apart() {
    let text = "兰桥市人民政府关于加强\n政府网站建设的意见\n兰政发〔2026〕 3 号\n各县（区）人民政府：\n\
                为做好政府网站工作，现提出以下意见：\n一、总体要求\n（一）指导思想。深入贯彻落实决策部署。\n\
                （二）基本原则。\n——围绕中心，服务大局。\n二、申请材料包括：\n（一）身份证明；\n（二）申请表。\n\
                兰桥市人民政府\n2026 年 1 月 5 日\n（此件公开发布）";
    let result = mend(text, &policy_steps());

    assert_no_word_is_lost(text, &result);
    assert_eq!(result.title.as_deref(), Some("兰桥市人民政府关于加强政府网站建设的意见"));
    assert_eq!(result.document_number.as_deref(), Some("兰政发〔2026〕3号"));
    assert_eq!(
        result.html,
        "<p>各县（区）人民政府：</p><p class=\"indent-2\">为做好政府网站工作，现提出以下意见：</p>\
         <h2 id=\"h-一-总体要求\">一、总体要求</h2>\
         <p class=\"indent-2\"><strong>（一）指导思想。</strong>深入贯彻落实决策部署。</p>\
         <h3 id=\"h-二-基本原则\">（二）基本原则。</h3>\
         <p class=\"indent-2\">——围绕中心，服务大局。</p>\
         <p class=\"indent-2\">二、申请材料包括：</p><p class=\"indent-2\">（一）身份证明；</p>\
         <p class=\"indent-2\">（二）申请表。</p>\
         <p class=\"align-right\">兰桥市人民政府</p><p class=\"align-right\">2026 年 1 月 5 日</p>\
         <p class=\"indent-2\">（此件公开发布）</p>"
    );
}

#[test]
fn a_law_has_chapters_and_its_articles_stay_paragraphs() {
    let text = "第一章 总则\n第一条 为了规范政府网站，制定本规定。\n第二条 政府网站应当：\n（一）公开信息；\n\
                （二）提供服务。\n第二章 附则\n第三条 本规定自公布之日起施行。";

    assert_eq!(
        mended(text),
        "<h2 id=\"h-第一章-总则\">第一章 总则</h2>\
         <p class=\"indent-2\"><strong>第一条</strong> 为了规范政府网站，制定本规定。</p>\
         <p class=\"indent-2\"><strong>第二条</strong> 政府网站应当：</p>\
         <p class=\"indent-2\">（一）公开信息；</p><p class=\"indent-2\">（二）提供服务。</p>\
         <h2 id=\"h-第二章-附则\">第二章 附则</h2>\
         <p class=\"indent-2\"><strong>第三条</strong> 本规定自公布之日起施行。</p>"
    );
}

#[test]
fn without_steps_every_line_is_a_paragraph_and_nothing_reads_as_markup() {
    let result = mend("<b>甲</b>\n\n乙 & 丙\n", &[]);

    assert_eq!(result.html, "<p>&lt;b&gt;甲&lt;/b&gt;</p><p>乙 &amp; 丙</p>");
    assert!(result.dropped.is_empty());
}

#[test]
fn an_empty_text_mends_to_nothing() {
    assert_eq!(mend("", &policy_steps()), Mended::default());
    assert_eq!(mend("\n \u{3000}\n", &policy_steps()).html, "");
}

/// The documents in the folder `GONGBAO_TEST_TEXTS` names.
#[test]
fn real_documents_keep_their_words_and_get_their_outline() {
    let Some(folder) = std::env::var_os("GONGBAO_TEST_TEXTS") else {
        println!("skipped: GONGBAO_TEST_TEXTS names no folder");
        return;
    };
    let policies = Path::new(&folder).join("policies");
    let mut read = 0;
    for entry in fs::read_dir(&policies).expect("the folder holds policies/") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text in UTF-8");

        let result = mend(&text, &policy_steps());

        assert_no_word_is_lost(&text, &result);
        let outline = crate::rich_text::derive(&result.html).headings;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let expected = match name.as_str() {
            "guobanfa-2014-57" => Some((5, "一、总体要求", "（此件公开发布）")),
            "guobanfa-2013-100" => Some((3, "一、进一步加强平台建设", "2013 年 10 月 1 日")),
            "city-implementation-opinion" => Some((6, "一、着力深化思想认识", "网管网水平。")),
            "guobanfa-2014-57-media-repost" => Some((5, "一、一般要求", "(这是公开发布)")),
            "industry-review-2014" => Some((5, "1.定位提升和规范管理，", "提升的服务成效。")),
            _ => None,
        };
        if let Some((chapters, first, end)) = expected {
            let top: Vec<_> = outline.iter().filter(|heading| heading.level == 2).collect();
            assert_eq!(top.len(), chapters, "{name}: {top:?}");
            assert!(top[0].text.starts_with(first), "{name}: {}", top[0].text);
            assert!(crate::rich_text::derive(&result.html).text.ends_with(end), "{name}");
        }
        // A paragraph that starts in the middle of a sentence was torn off the one before.
        for line in crate::rich_text::derive(&result.html).text.lines() {
            assert!(!line.starts_with(['，', '。', '、', '；', '：']), "{name}: {line}");
        }
        read += 1;
    }
    assert!(read > 0, "no texts in {}", policies.display());
}

/// Lines as extraction leaves them: text, numbers, page marks, titles, blanks, odd spaces.
fn any_line() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "一、",
        "（二）",
        "(3)",
        "1.",
        "第一章 ",
        "第三条 ",
        "——",
        "总体要求",
        "深入贯彻落实。",
        "；",
        "：",
        "国务院办公厅",
        "2014 年 11 月 17 日",
        "国办发〔2014〕57 号",
        "关于建设的意见",
        "－４－",
        "- 12 -",
        "第 3 页",
        "各县人民政府：",
        "信息内容建设",
        "“谁主管",
        "open data",
        "24",
        "<b>",
        "&amp;",
        "&",
        "\"",
        "本篇文章4480字,读完约11分钟",
    ]);
    let space = prop::sample::select(vec!["", "", " ", "  ", "\u{3000}\u{3000}", "\t", "\u{a0}"]);
    (space.clone(), prop::collection::vec(pieces, 0..6), "\\PC{0,3}", space)
        .prop_map(|(before, pieces, odd, after)| format!("{before}{}{odd}{after}", pieces.concat()))
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let all = policy_steps();
    let layouts = [Layout::Printed, Layout::BlankLines, Layout::Lines];
    let joins = layouts.map(|layout| Step::JoinLines { layout });
    let choice: Vec<Step> = all.iter().cloned().chain(joins).collect();
    prop_oneof![
        Just(all),
        // In any order, so that a step never relies on another having run.
        prop::collection::vec(prop::sample::select(choice), 0..8),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_word_is_lost(lines in prop::collection::vec(any_line(), 0..30), steps in any_steps()) {
        let text = lines.join("\n");
        let result = mend(&text, &steps);

        // Only text that cleaning leaves alone can be compared letter by letter.
        let settled = crate::rich_text::wanted_characters(&text) == text
            && unicode_normalization::is_nfc(&letters(&text));
        if settled && !dropped_after_joining(&steps) {
            assert_no_word_is_lost(&text, &result);
        } else {
            prop_assert_eq!(clean_html(&result.html), result.html);
        }
    }
}

/// Whether lines are dropped once they are joined; the report then names the first of several.
fn dropped_after_joining(steps: &[Step]) -> bool {
    let joined = steps.iter().position(|step| matches!(step, Step::JoinLines { .. }));
    joined.is_some_and(|joined| {
        steps[joined..].iter().any(|step| {
            matches!(step, Step::DropPageMarks { .. } | Step::DropLines { .. } | Step::TakeTitle {})
        })
    })
}
