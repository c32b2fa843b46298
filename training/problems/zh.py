"""Chinese: measure words stand between number and noun ("三本书"), 两 is two before a measure word (but 十二, 二十二), no spaces.

元 and 岁 follow the number at once, as measure words of their own.
"""

from .core import Forms, Language
from .general import General

DIGITS = "零一二三四五六七八九"


def numeral(n):
    if n == 2:
        return "两"
    if n == 100:
        return "一百"
    tens, ones = divmod(n, 10)
    ten = ("" if tens == 1 else DIGITS[tens]) + "十" if tens else ""
    return ten + (DIGITS[ones] if ones or not tens else "")


def noun(measure, word):
    return Forms("n", word, mw=measure)


def bare(n, noun_, word):
    return (numeral(n) if word else str(n)) + f"{noun_:mw}"


def count(n, noun_, word):
    return f"{bare(n, noun_, word)}{noun_}"


NAMES = [Forms("m", n) for n in ("小明", "小刚", "大伟", "小强")] + [Forms("f", n) for n in ("小红", "小丽", "小芳", "小美")]
OBJECTS = [noun("个", "苹果"), noun("本", "书"), noun("支", "铅笔"), noun("朵", "花"), noun("个", "鸡蛋"), noun("个", "球"), noun("个", "杯子"),
           noun("张", "邮票"), noun("个", "橙子"), noun("块", "饼干")]
BOXES = [noun("个", "盒子"), noun("个", "袋子"), noun("个", "篮子")]

HAS = ["{x}有{A}。", "{x}原来有{A}。", "一开始{x}有{A}。", "{x}家里有{A}。", "今天早上{x}有{A}。"]
LEFT = ["{x}还剩多少{o:mw}{o}？", "{x}还剩下多少{o}？", "{x}现在还有多少{o:mw}{o}？", "剩下的{o}有多少{o:mw}？"]
NOW = ["{x}现在有多少{o:mw}{o}？", "{x}最后有多少{o:mw}{o}？", "现在{x}一共有多少{o}？"]
TOTAL = ["一共有多少{o:mw}{o}？", "总共有多少{o}？", "{o}的总数是多少？"]
FILLED = ["{x}有{A}，每个{k}里有{B}。", "{x}买了{A}，每个{k}里装着{B}。", "{x}有{A}。每个{k}里都放着{B}。", "{x}的房间里有{A}，每个{k}里都有{B}。"]
SOLD = ["{x}给了{y}{C}。", "然后{x}卖掉了{C}。", "后来{x}把{C}送人了。", "{y}从{x}那里拿走了{C}。"]
ADDED = ["后来{y}又给了{x}{D}。", "{x}又找到了{D}。", "然后{x}又买了{D}。"]
BOTH = ["{x}有{A}，{y}有{B}。", "{x}有{A}。{y}有{B}。", "{x}家里有{A}，{y}家里有{B}。", "{x}有{A}，而{y}有{B}。"]
GIFT = ["{x}给了{y}{C}。", "然后{x}送给{y}{C}。", "{y}从{x}那里得到{C}。", "后来{y}从{x}那里拿走了{C}。"]
MORE = ["{x}有{A}，{y}比{x}多{b}。", "{x}有{A}。{y}的{o}比{x}多{b}。", "{x}有{A}，而{y}的{o}比{x}的多{b}。"]
WALLET = ["{x}有{A}。", "{x}带着{A}去商店。", "{x}的钱包里有{A}。", "{x}带了{A}去买东西。"]
PRICE = ["{x}买了{B}，每{o:mw}{C}。", "{x}买了{B}，每{o:mw}的价格是{C}。", "每{o:mw}{o}{C}，{x}买了{b}。", "{x}以每{o:mw}{C}的价格买了{B}。"]
CHANGE = ["还剩多少{m}？", "{x}还剩多少钱？", "{x}最后还有多少{m}？"]
OF_SECOND = ["{y}有多少{o:mw}{o}？", "{y}有多少{o}？", "{y}的{o}有多少{o:mw}？"]

WORDINGS = {
    "gain": [HAS, ["{x}又买了{B}。", "{y}又给了{x}{B}。", "后来{x}又找到了{B}。", "然后{x}又从{y}那里得到{B}。"], NOW],
    "loss": [HAS, ["{x}给了{y}{B}。", "后来{x}丢了{B}。", "{x}卖掉了{B}。", "{y}从{x}那里拿走了{B}。"], LEFT],
    "difference": [BOTH, ["{x}比{y}多多少{o:mw}{o}？", "{y}比{x}少多少{o:mw}{o}？", "{x}的{o}比{y}的多多少{o:mw}？", "{y}的{o}比{x}的少多少{o:mw}？"]],
    "more": [MORE, OF_SECOND],
    "fewer": [["{x}有{A}，{y}比{x}少{b}。", "{x}有{A}。{y}的{o}比{x}少{b}。", "{x}有{A}，而{y}的{o}比{x}的少{b}。"], OF_SECOND],
    "more_back": [["{x}有{A}，比{y}多{b}。", "{x}有{A}。{x}的{o}比{y}多{b}。", "{x}有{A}，也就是比{y}多{b}。"], OF_SECOND],
    "fewer_back": [["{x}有{A}，比{y}少{b}。", "{x}有{A}。{x}的{o}比{y}少{b}。", "{x}有{A}，也就是比{y}少{b}。"], OF_SECOND],
    "groups": [["{x}有{A}。", "{x}买了{A}。", "房间里有{A}。", "桌子上有{A}。"],
               ["每个{k}里有{B}。", "每个{k}里装着{B}。", "每个{k}里都有{B}。", "{x}在每个{k}里放了{B}。"], TOTAL + ["所有{k}里一共有多少{o:mw}{o}？"]],
    "share": [["{x}有{A}。", "{x}买了{A}。", "{x}的桌子上有{A}。", "{x}带来了{A}。"],
              ["{x}把这些{o}平均放进{B}里。", "{x}把{o}平均分到{B}里。", "这些{o}被平均装进{B}里。", "{x}把{o}放进{B}里，每个{k}里一样多。"],
              ["每个{k}里有多少{o:mw}{o}？", "一个{k}里有多少{o:mw}{o}？", "每个{k}里放了多少{o}？"]],
    "gain_loss": [HAS, ["{x}又买了{B}，然后给了{y}{c}。", "后来{x}又得到{B}，但丢了{c}。", "{x}又买了{B}。后来{x}把{C}送人了。", "{y}又给了{x}{B}。然后{x}卖掉了{C}。"],
                  NOW[:2] + ["{x}现在还有多少{o:mw}{o}？"]],
    "groups_plus": [FILLED, ["另外，{x}还有{C}。", "后来{y}又拿来{C}。", "桌子上还有{C}。", "{x}又找到了{C}。"], TOTAL],
    "groups_minus": [FILLED, SOLD, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [MORE, ["{x}和{y}一共有多少{o:mw}{o}？", "{x}和{y}总共有多少{o}？", "{x}和{y}的{o}加起来有多少{o:mw}？"]],
    "giver": [BOTH, GIFT, ["{x}现在有多少{o:mw}{o}？", "{x}还剩多少{o:mw}{o}？", "{x}的{o}现在有多少{o:mw}？"]],
    "receiver": [BOTH, GIFT, ["{y}现在有多少{o:mw}{o}？", "{y}最后有多少{o:mw}{o}？", "{y}的{o}现在有多少{o:mw}？"]],
    "stock": [FILLED, SOLD, ADDED, NOW],
    "shop": [WALLET, PRICE, ["{x}还花{D}买了一个{k}。", "另外，{x}又用{D}买了一个{k}。", "{x}还买了一个{k}，价格是{D}。"], CHANGE],
}

DISTRACTORS = ["{x}还有{D}。", "{y}有{D}。", "椅子上有{D}。", "昨天{y}买了{D}。"]
AGES = ["{x}今年{N}。", "{y}今年{N}。"]

RESPONSES = {
    "gain": ["{x}现在有{e} = {R}。", "一共有{e} = {R}。"],
    "loss": ["{x}还剩{e} = {R}。", "还剩下{e} = {R}。"],
    "difference": ["{x}比{y}多{e} = {R}。", "相差{e} = {R}。"],
    "more": ["{y}有{e} = {R}。", "所以{y}有{e} = {R}。"],
    "fewer": ["{y}有{e} = {R}。", "所以{y}有{e} = {R}。"],
    "more_back": ["{y}有{e} = {R}。", "所以{y}有{e} = {R}。"],
    "fewer_back": ["{y}有{e} = {R}。", "所以{y}有{e} = {R}。"],
    "groups": ["所有{k}里一共有{e} = {R}。", "总数是{e} = {R}。"],
    "share": ["每个{k}里有{e} = {R}。", "一个{k}里有{e} = {R}。"],
    "gain_loss": ["{x}先有{e} = {S}，然后有{f} = {R}。", "先是{e} = {S}，然后是{f} = {R}。"],
    "groups_plus": ["{k}里有{e} = {S}，一共有{f} = {R}。", "先是{e} = {S}，然后是{f} = {R}。"],
    "groups_minus": ["{k}里有{e} = {S}，还剩{f} = {R}。", "先是{e} = {S}，然后是{f} = {R}。"],
    "change": ["买{o}一共用了{e} = {S}，还剩{f} = {R}。", "{x}用了{e} = {S}，还剩{f} = {R}。"],
    "together": ["{y}有{e} = {S}，一共有{f} = {R}。", "{y}有{e} = {S}，两人加起来是{f} = {R}。"],
    "giver": ["{x}现在有{e} = {R}。", "所以{x}还剩{e} = {R}。"],
    "receiver": ["{y}现在有{e} = {R}。", "所以{y}有{e} = {R}。"],
    "stock": ["{k}里有{e} = {S}，然后是{f} = {T}，最后是{g} = {R}。", "先是{e} = {S}，还剩{f} = {T}，最后有{g} = {R}。"],
    "shop": ["买{o}用了{e} = {S}，总共用了{f} = {T}，还剩{g} = {R}。", "{x}买{o}用了{e} = {S}，一共用了{f} = {T}，还剩{g} = {R}。"],
}

LANGUAGE = Language("zh-Hans", NAMES, OBJECTS, BOXES, noun("", "元"), noun("", "岁"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "答案：{r}", lambda text, noun_: f"{text}{noun_}", join="")

# The closed world of the general task. Things, colours and places stand in the order of general.py.
THINGS = [noun("只", "猫"), noun("只", "狗"), noun("只", "鸟"), noun("条", "鱼"), noun("个", "球"), noun("个", "苹果"), noun("辆", "汽车"), noun("顶", "帽子")]
COLOURS = ["红色", "蓝色", "绿色", "黄色", "黑色", "白色"]
PLACES = [f"{seat}{relation}" for relation in ("上", "下面", "旁边") for seat in ("椅子", "床", "盒子", "房子", "树")]
PICTURES = {
    "ask": ["请用一句话描述这幅图：{picture}", "请用一句话说说图里有什么：{picture}"],
    "say": ["有一{thing:mw}{colour}的{thing}在{place}。", "{place}有一{thing:mw}{colour}的{thing}。", "{place}的{thing}是{colour}的。",
            "图里{place}有一{thing:mw}{colour}的{thing}。"],
}
REASONS = {
    "ask": ["请用一句话说说{x}为什么{act}。", "{x}为什么{act}？请用一句话回答。"],
    "say": ["{x}{act}，因为{reason}。", "因为{reason}。", "因为{reason}，所以{x}{act}。"],
    "acts": ["带雨伞", "穿大衣", "喝一杯水", "吃面包", "去睡觉", "开灯", "开窗户", "去看医生", "跑去赶公共汽车", "买蛋糕"],
    "reasons": ["下雨了", "外面很冷", "口渴了", "肚子饿了", "累了", "天黑了", "太热了", "生病了", "快要迟到了", "今天有人过生日"],
}
GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS)
