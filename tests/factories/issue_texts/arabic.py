"""The sample issue in Arabic. Every study, company and person in it is fictional."""

from __future__ import annotations

from newsletter.issues.model import (
    Announcement,
    Article,
    Item,
    Kind,
    Link,
    MediaHighlight,
    OpinionLeader,
    Quotation,
    SocietyNews,
    Summary,
)

TITLE = "تصوير خيالي، الأسبوع"

HEADINGS = {
    Kind.SUMMARY: "الملخص التنفيذي",
    Kind.ARTICLES: "أبحاث محكّمة",
    Kind.ANNOUNCEMENTS: "إعلانات القطاع والموافقات التنظيمية",
    Kind.MEDIA: "أبرز ما في الإعلام",
    Kind.SOCIETIES: "أخبار الجمعيات العلمية",
    Kind.LEADERS: "قادة الرأي وأصوات المجتمع",
}

ITEMS: tuple[Item, ...] = (
    Summary(
        body="أسبوع مخترع بالكامل من 28 فبراير إلى 6 مارس 2026، خلاصته دراستان: "
        "إحداهما تقرأ الركب والأخرى تعدّ النبضات — توافق بنسبة 97.5 % بين القرّاء.\n\n"
        "والباقي صبر وقليل من *الحكمة*."
    ),
    Article(
        title="GENOU-7: شبكة خيالية تقرأ الرنين المغناطيسي للركبة في 40 ثانية",
        journal="حوليات الأشعة الخيالية",
        date="3 مارس 2026",
        authors="Dupin A, Maréchal B et al.",
        institution="مستشفى برومير، فرنسا",
        body="من بين 1204 فحوص مأخوذة من رواية، تجد الشبكة 96 % من الإصابات.\n\n"
        "الشيفرة موصوفة في [مستودع خيالي](https://example.org/genou-7).",
        doi="10.5555/fictif.2026.001",
        pmid="90000001",
    ),
    Article(
        title="عدّ النبضات: التصوير المقطعي للقلب والساعة الداخلية",
        journal="القلب والآلة",
        date="5 مارس 2026",
        authors="Lenoir C et al.",
        institution="معهد الزمن الطويل",
        body="مجموعة مخترعة من 350 شخصًا تُظهر فرقًا قدره 2.1 ± 0.4 نبضة.",
        doi="10.5555/fictif.2026.002",
        indexing_pending=True,
    ),
    Announcement(
        title="جهاز تصوير مقطعي صامت: موافقتان لشركة Pénombre",
        company="Ateliers Pénombre",
        badges=("FDA 510(k)", "علامة CE"),
        body="أعلنت شركة خيالية في 2 مارس 2026 عن جهاز يهمس.",
        links=(Link("بيان الشركة، 2 مارس 2026", None),),
    ),
    Announcement(
        title="Brume 3T يصل إلى ثلاثة مستشفيات من ورق",
        company="Brume",
        badges=("إطلاق منتج",),
        body="يقول صانعوه إنه أخف من بيانو كبير.",
        links=(Link("بيان Brume", "https://example.org/brume?piano=1&queue=2"),),
    ),
    MediaHighlight(
        title="هل نثق بآلة تشك؟",
        outlet="جريدة البكسل",
        body="سألت الجريدة أربعة أطباء خياليين، فأجابوا جميعًا: «الأمر يتوقف».",
        links=(Link("اقرأ المقال", None),),
    ),
    MediaHighlight(
        title="القلب في عشر صور",
        outlet="إذاعة الرصيف",
        body="برنامج من 20 دقيقة عن تصوير القلب، دون صورة واحدة.",
        links=(Link("اقرأ المقال", "https://example.org/dix-images"),),
    ),
    SocietyNews(
        title="دليل الرنين المغناطيسي للحالمين",
        organisation="جمعية الأمواج البطيئة",
        body="تنشر الجمعية دليلًا من 12 صفحة راجعه أعضاؤها الخياليون.",
        links=(Link("جمعية الأمواج البطيئة", "https://example.org/guide"),),
    ),
    OpinionLeader(
        name="أ. د. آدا كويست",
        roles=("رئيسة قسم، مستشفى برومير", "رئيسة دائرة الظلال"),
        occasion="حوار في «لقاءات الرمادي» (نانت، 4 مارس 2026)",
        quotation=Quotation("We do not need faster scanners. We need the time to look at what they show us.", "en"),
        links=(Link("لقاءات الرمادي — حوار", None),),
    ),
    OpinionLeader(
        name="د. تيو مارشان",
        roles=("طبيب أشعة",),
        occasion="مقالة ضيف",
        quotation=Quotation("Une image n'est jamais seule : elle a une histoire, et c'est celle du patient.", "fr"),
        links=(Link("دفاتر تيو مارشان", "https://example.org/carnets"),),
    ),
)
