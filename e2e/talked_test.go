package e2e

import (
	"net/http"

	"folkmoot/app/talk"
)

// A remark is a comment of a scene, and how deep it stands: under the last one
// that stands less deep.
type remark struct {
	depth                int
	name, headline, body string
}

// talked makes a conversation of remarks, with some reactions.
func talked(c *caller, thread string, remarks []remark) {
	c.t.Helper()
	under := []string{""}
	for _, r := range remarks {
		var m talk.Comment
		who := c.server.caller(r.name)
		who.call(http.MethodPost, "threads/"+thread+"/comments", map[string]string{"name": r.name, "headline": r.headline, "parent": under[r.depth], "body": r.body}, &m)
		under = append(under[:r.depth+1], m.ID)
	}
	for _, kind := range []string{"like", "heart", "idea"} {
		c.react(thread, kind)
	}
	c.like(under[1])
}

// makeArabic mixes what is written from right to left with what isn't.
func makeArabic(c *caller, thread string) {
	talked(c, thread, []remark{
		{0, "ليلى حداد", "صيدلانية، عمّان", "جرّبنا القرعة في تعاونيتنا ست سنوات. لم تكن القرعة هي المشكلة قط، بل *رئاسة الجلسة*."},
		{1, "Tom Weller", "Lifeguard, Ansterby", "We had the same fight over our village hall, and nobody wrote it down!"},
		{2, "محمد الأندلسي", "", "قرأت عن تجربة [Ansterby](https://example.org/) في 2019: كان فيها 36 مقعدًا، ولم يعتذر إلا 9 أشخاص (25٪)."},
		{3, "דנה כהן", "רוקחת, חיפה", "אצלנו ניסינו את זה פעמיים, ובפעם השנייה זה עבד."},
		{4, "Zofia Wiśniewska", "", "هذا رد على رد، عميق بما يكفي ليقول على من يرد."},
		{5, "ريم", "", "وهذا أعمق منه."},
		{0, "يوسف", "مهندس، الرباط", "ما جرّبناه:\n\n- أجر رمزي\n- حضانة للأطفال\n- صباح الأحد\n\n> لم نكن نعرف من ينقصنا حتى جاؤوا.\n\nثم `rota --fair`:\n\n```\nfor week in year: draw(names, excluding=last_week, seats=36)\n```"},
		{0, "Ann", "", "| السنة | المقاعد | الاعتذارات |\n|---|---|---|\n| 1 | 36 | 25 |\n| 2 | 43 | 9 |"},
	})
}

func makeJapanese(c *caller, thread string) {
	talked(c, thread, []remark{
		{0, "松本 潤一", "薬剤師・金沢", "うちの生協では六年間この方法で続けました。抽選で困ったことは一度もなく、困ったのはいつも*議長*でした。"},
		{1, "Tom Weller", "Lifeguard, Ansterby", "We had the same fight over our village hall, and nobody wrote it down!"},
		{2, "さくら", "", "2019年の記録を読みました。36席のうち、辞退は9人（25%）だけだったそうです。"},
		{3, "李小龍", "", "短い。👍🏽"},
		{4, "高橋", "", "深い返信です。誰への返信なのかがわかるように、名前が表示されます。"},
		{0, "鈴木", "エンジニア・仙台", "試したこと：\n\n- 謝礼を払う\n- 託児所\n- 日曜の朝\n\n> 来てもらうまで、誰が足りないのか知らなかった。"},
	})
}
