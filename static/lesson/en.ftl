# The texts of the lesson. English; the other files translate this one, message by message.
# Terms begin with `term-`: the text says what it is, .title is its name, .formula and .source say it exactly, .why says why it matters, .differs says what is ours or differs from the paper.

# Frame
lesson-title = The lesson
back = Back
next = Next
play = Play
pause = Pause
reveal = Show the answer
predict-first = Predict first.
keep-order = This is my order
move-up = Move up
move-down = Move down
right = Right.
wrong = Not so. Look at the numbers.
order-wrong = { $n } of { $all } comparisons are right.
language = Language
class-view = Large type for a class
try-mine = Try it on my data
try-example = Look at the example
sheet-questions = Sheet with the questions
sheet-answers = Sheet with the answers
sheet-name = Name:
print = Print
terms-title = All terms
your-name = Your name
save-result = Save my result
score = { $n } of { $all } predictions right
link = Link to this lesson
keys = Keys: Page Down and Page Up, or the arrows, go on and back; a full stop shows the answer.
close = Close
link-too-long = This link is too long to be a lesson link. The lesson begins at its first step.
link-newer = This link was made by a newer version of Concord. What this version knows of it is shown; reload the page to get the newer one.
link-unknown = A part of this link could not be read and was left out: { $part }
answer = Answer
mean-cosine = Mean cosine
loss = Loss
of-all = of { $n }
is-right = right
is-wrong = wrong
first-responses = First responses
gold-is = The right answer is { $gold }. First responses that are right:

# Step 1
languages-title = One question, eight languages
languages-lead = A small model was asked the same question in every language. These are its first responses.
languages-ask = In how many languages is the response right?
languages-learned = It is the same model, and it knows more in some languages than in others. What it gets right in one language can teach it the others.
languages-needs = This step needs math prompts with a right answer, in two languages or more.

# Step 2
vote-title = The vote
vote-lead = The model answered the same English question eight times. Each point is a response; the closer two points, the more alike the responses.
vote-ask = Which response would you trust?
vote-picture = The responses as points in a plane
vote-learned = Wrong answers scatter, right ones meet. CM-Align takes a response of the largest group as the reference, and nobody had to know the right answer.
vote-needs = This step needs a prompt with three or more responses in the anchor language and a reference.

# Step 3
pair-title = The pair
pair-lead = Here are responses in another language, and the English reference. The model cannot ask which is right; it can measure how close each is to the reference.
pair-ask = Put the responses in order: the closest to the reference on top.
pair-learned = The closest becomes the chosen response, the furthest the rejected one. The difference of their scores is the margin: the larger it is, the surer the pair.
pair-needs = This step needs a pair in a language other than the anchor, with three different responses or more.

# Step 4
plane-title = The matrix, its picture, and what the picture hides
plane-lead = Every response is an arrow in a space of many dimensions. The matrix has the cosine of every two; the picture squeezes all of it into a plane.
plane-ask = Which response is really the closest to number { $of }?
plane-picture = Responses of three languages as points in a plane
matrix-picture = Cosines of all responses with each other; the darker, the closer
plane-learned = A plane keeps only part of what sets the responses apart. Look at the picture for an idea, and read the numbers before you decide.
plane-needs = This step needs the cosines of one prompt's responses, with four different texts or more.
seems-nearest = looks closest in the plane
explained = Share of the variance that the plane shows:

# Step 5
misleads-title = Where consistency misleads
misleads-lead = Each of these responses has the best mark of its way of picking. Only one of them deserves it.
misleads-ask = Which one would you keep?
misleads-reference = Most responses agree with it, and they are right.
misleads-agreed = Most responses agree with it, and all of them are wrong. Agreement is no proof.
misleads-foreign = It scores highest in its language, but it has words of another one. Its meaning is close, and a learner would copy the mixture.
misleads-chance = It was drawn as the reference by chance, as the random-reference method does, and it is wrong. The vote picked a right one here.
misleads-learned = Consistency is a strong hint and no proof. Read what you train on: start with small margins, words of other languages, and prompts on which everybody agrees.
misleads-needs = This step needs prompts with right answers on which consistency misleads at least once. None was found here.
misleads-counts = In these responses
counted-agreed = The majority agrees on a wrong answer
counted-foreign = The highest score has words of another language
counted-chance = The reference is right, one drawn by chance is wrong
misleads-elsewhere = On 200 problems kept apart from training, the same model has 9, 69 (of 1,960 rows) and 22 such cases.

# Step 6
mlc-title = MLC: one direction for one question
mlc-lead = Inside the model, the question in each language is an arrow. MLC adds a loss that pulls the arrows of one question into one direction.
mlc-ask = Which arrow, turned to where the others point, lowers the loss most?
mlc-picture = The arrows of one question in every language, seen in the plane of their first two directions
mlc-learned = If all arrows point one way, one singular value holds everything and the loss is smallest. Which arrow has most to give cannot be seen in two directions of many; the numbers say it.
mlc-needs = This step needs the model's states for a prompt in three languages or more: measure them on the Representations screen.
mlc-turned = The loss if this arrow pointed where the others do
singular-values = Singular values
gradient = How hard the gradient pulls on each arrow
turn = Turn
turn-to-others = Turn the picked arrow to where the others point

# Step 7
alignx-title = AlignX: where languages meet
alignx-lead = Layer by layer the model turns words into meaning and meaning into words again. In some layers the versions of one question are most alike.
alignx-ask = Where are the versions of one question most alike?
alignx-picture = Mean cosine of the same question, and of different questions, in two languages, layer by layer
alignx-learned = Languages meet in the middle and part towards the end, where each has to choose its own words. AlignX pulls them together where they meet, and keeps them apart where they must differ.
alignx-needs = This step needs the model's states for two prompts or more, in two languages, after every layer: measure them on the Representations screen.
layer-embedding = before the first layer
layer-after = after layer { $n }
same-question = Same question
other-question = Different questions

# Step 8
batch-title = Batch-wise alignment: what a step sees
batch-lead = Training goes in steps, and each step sees one batch of pairs. A prompt with its pairs in all languages is a group.
batch-ask = The pairs are shuffled and cut into { $n } batches. How many of the batches hold a prompt with all its pairs?
batch-learned = In shuffled batches a prompt's languages are torn apart. Batch-wise alignment keeps groups whole, so that one step pulls on one meaning in every language at once.
batch-needs = This step needs pairs of three prompts or more, in two languages or more.
batch-by-hand = Put a batch together yourself: every box is a pair.
step-sees = This batch of { $n } pairs sees { $prompts } prompts, { $languages } languages, and { $whole } prompts with all their pairs.
seen-prompts = Prompts
seen-languages = Languages
seen-whole = Whole groups
batch-random = Shuffled
batch-whole = Whole groups

# Step 9
dpo-title = DPO by hand
dpo-lead = DPO compares the model that is trained with a copy of it from before. Before the first step the two are the same.
dpo-ask = How large is the loss before the first step?
dpo-learned = With nothing moved the loss is log 2, whatever the pair. From there DPO pushes the chosen response up and the rejected one down with equal force, and lets go as the gap grows.
dpo-needs = This step needs a pair whose two responses have log-probs.
pull-chosen = Slope by the log-prob of the chosen response
pull-rejected = Slope by the log-prob of the rejected response
move-chosen = Training moves the chosen response by
move-rejected = Training moves the rejected response by

# Step 10
file-title = What you take home
file-lead = A file with one pair per line. Trainers read it as it is.
file-ask = The file has { $n } lines. How many are left if pairs with a margin below { $cut } are left out?
file-line = The first line of the file
line-parts = Its parts
file-learned = A higher margin leaves fewer pairs, and surer ones. How high to go is yours to decide: look at the pairs near the cut.
file-needs = This step needs at least one pair.
margins-picture = Margins from large to small; those below the cut are pale

# Origins of numbers
origin-right = Counted here: first responses whose answer is the right one. { $of }
origin-consistency = From the session, references → consistency: the share of responses with the same answer. { $of }
origin-mean-cosine = Mean of the cosines to the other responses, from the session's similarities. { $of }
origin-score = From the session, pairs → scores. { $of }
origin-margin = Score of the chosen response minus score of the rejected one. { $of }
origin-cosine = From the session's similarities: the cosine of two responses' vectors. { $of }
origin-explained = Eigenvalues of the centred matrix of cosines: the first two over all. { $of }
origin-misleads = Counted here, over all prompts or rows of the session. { $of }
origin-singular = Square root of an eigenvalue of the matrix of cosines of the arrows that are on. { $of }
origin-mlc-loss = Cross-entropy of the singular values, over the largest and the temperature 0.2, with the first as the label. { $of }
origin-pull = Length of this arrow's part of the gradient of the loss. { $of }
origin-mlc-turned = The same loss with this arrow turned to the mean of the others. { $of }
origin-matched = Mean cosine over all ordered pairs of languages and all prompts, after this layer. { $of }
origin-unmatched = Mean cosine of different prompts in two languages, after this layer. { $of }
origin-retrieval = Share of prompts whose own version is the nearest in the other language. { $of }
origin-contrastive = Contrastive loss at temperature 0.1, mean over ordered pairs of languages. { $of }
origin-seen-prompts = Counted in this batch. { $of }
origin-seen-languages = Counted in this batch. { $of }
origin-seen-whole = Counted in this batch: prompts of which all pairs are there. { $of }
origin-logprob = From the session, responses → logprob: the sum over the response's tokens, in nats. { $of }
origin-dpo-loss = The DPO loss at the moved log-probs and this beta. { $of }
origin-dpo-chosen = Derivative of the DPO loss. { $of }
origin-dpo-rejected = Derivative of the DPO loss. { $of }
origin-lines = Pairs whose margin is at least the cut. { $of }

# Terms
term-prompt = A task with a text in every language.
    .title = Prompt
    .why = Only because the texts say the same can their responses be compared.
term-response = What the model writes to a prompt in a language. It is asked several times, so there are several.
    .title = Response
    .why = One response may be luck. Several show what the model agrees with itself on.
term-teaching-model = The small model that ships with the page. It was trained on generated word problems only, and it knows some languages better than others.
    .title = Teaching model
    .source = static/teaching-model.md
    .why = It answers in seconds on any machine, and it errs as large models do.
term-anchor = The language whose responses the other languages are compared with, usually the one that the model knows best.
    .title = Anchor language
    .why = Alignment can only teach what the model already knows somewhere.
term-reference = The one response in the anchor language that stands for what the model knows.
    .title = Reference
    .source = CM-Align, arXiv 2509.08541
    .why = A wrong reference makes wrong pairs in every language.
term-consistency = How far a response agrees with its siblings: for math the share of responses with the same answer, otherwise the mean cosine to the others.
    .title = Consistency
    .formula = c(y) = |{ "{" }y′ : answer(y′) = answer(y){ "}" }| / n
    .source = CM-Align, arXiv 2509.08541
    .why = Right answers meet and wrong ones scatter, so agreement hints at what is right without knowing it.
term-cm-align = The most consistent response in the anchor language is the reference. In every other language, the response closest to it is chosen and the one furthest from it rejected.
    .title = CM-Align
    .differs = Math: of the majority's responses, the one closest to the others is the reference; among those that agree with it the closest is chosen, among the rest the furthest rejected. The paper leaves both open. Code: responses are compared by normalised tokens; the paper leaves the similarity open. A response that is clearly in another language is never chosen, unless the gate is off. Samples, temperature and the encoder are those of this session; the paper's encoder is gte-multilingual-base.
    .source = arXiv 2509.08541
    .why = It needs no judge, no labels and no larger model.
term-chosen = The response of a pair that training makes likelier.
    .title = Chosen
    .why = It is what the model will sound like.
term-rejected = The response of a pair that training makes less likely.
    .title = Rejected
    .why = It should be wrong for a reason that the chosen one does not share.
term-score = How close a response is to the reference, by the method's own measure.
    .title = Score
    .formula = s(y) = cos(e(y), e(reference))
    .source = CM-Align, arXiv 2509.08541
    .why = Chosen and rejected are the ends of this order.
term-margin = The score of the chosen response minus that of the rejected one.
    .title = Margin
    .formula = m = s(chosen) − s(rejected)
    .why = A small margin says that the method can hardly tell the two apart. People disagree with it most there.
term-cosine = How far two vectors point the same way, from −1 to 1, whatever their lengths.
    .title = Cosine
    .formula = cos(a, b) = a·b / (|a| |b|)
    .why = Every method here compares meanings by it.
term-plane = The two directions in which the responses differ most, found by principal component analysis.
    .title = Plane
    .formula = B = J G J, places = √λₖ vₖ
    .source = Torgerson 1952, classical scaling
    .why = It is easy to read and it leaves things out, so its share of the variance stands beside it.
term-encoder = What turns a text into a vector. Without a model of its own, the middle layer of the generator does it.
    .title = Encoder
    .why = Two encoders see different things as alike, so a session says which one it had.
term-gold = The right answer of a prompt, where it is known.
    .title = Gold answer
    .why = No method may look at it. It is there to judge the methods.
term-random-reference = Like CM-Align, with a reference that is drawn by chance.
    .title = Random reference
    .differs = The paper compares with a single sample; here it is drawn with the session's seed.
    .source = CM-Align, arXiv 2509.08541
    .why = What CM-Align gains over it is what the vote is worth.
term-language-gate = A response that is clearly in another language is never chosen.
    .title = Language gate
    .why = Without it, a text that mixes languages can win because its meaning is close.
term-mapo = The likelier the anchor's responses are as translations of a response, the better that response.
    .title = MAPO
    .differs = This model scores the translations; the paper uses NLLB, a translation model. One pair per row, best over worst; the paper takes every ordered pair and keeps those whose chosen answer is the gold one. The cross-entropy has a floor, so that one translation that the model is certain of does not decide alone.
    .source = arXiv 2401.06838
    .why = It compares with all of the anchor's responses instead of one.
term-icr = The likelier a response is after the English prompt, with the instruction to answer in its language, the better that response.
    .title = ICR
    .differs = The paper's reward is a ratio of a trained model to the one before training. Before training the two are the same, so the likelihood stands alone. A slope fitted over all rows of the session corrects for length.
    .source = arXiv 2503.04647
    .why = It asks the model what it prefers, and needs no reference.
term-lidr = The anchor's response, translated by the model, is chosen over the language's own response.
    .title = LIDR
    .differs = A sampled anchor response is translated instead of the greedy one, and no rounds of training follow. The chosen response is a translation, not a sample. There are no scores, so there is no margin.
    .source = arXiv 2410.08964
    .why = It trusts the anchor language always, even where it is wrong.
term-lacomsa = The closer the model's own states for a response are to those of the anchor's responses, the better that response.
    .title = LaCoMSA
    .differs = How a language's weight is scaled is ours; it scales the margins of a row and never reverses a pair. Two responses are drawn with the session's seed and the higher one is chosen, as in the paper.
    .source = docs/results.md
    .why = It compares meanings as the model itself has them, without an encoder.
term-representation = The vector that the model has for a text after a layer.
    .title = Representation
    .why = Methods such as MLC and AlignX train on it directly, without responses.
term-mlc = A loss on the singular values of one prompt's representations in many languages. It is smallest when they all point in one direction.
    .title = MLC
    .formula = L = −log softmax(σ / (σ₁ τ))₁
    .source = arXiv 2602.16660
    .why = It needs prompts only, and no response in any language.
term-singular-value = How much of a set of arrows lies along one of its main directions.
    .title = Singular value
    .formula = σₖ = √λₖ(G), G the matrix of cosines
    .why = One large and the rest zero means one direction.
term-layer = One of the stages through which a text passes in the model.
    .title = Layer
    .why = Early ones know the words, middle ones the meaning, late ones the words of the answer.
term-alignx = Contrastive training in the layers where languages meet, and language matching where they part.
    .title = AlignX
    .source = arXiv 2509.24338
    .why = It brings meanings together without making the languages the same.
term-contrastive-loss = It is small when a text is closer to its own translation than to all others.
    .title = Contrastive loss
    .formula = L = −(1/2n) Σⱼ log softmaxᵢ(cos(xⱼ, yᵢ) / τ)[i = j]
    .source = AlignX, arXiv 2509.24338, with τ = 0.1
    .why = Cosines can all be high and say nothing; this loss sees whether they tell texts apart.
term-retrieval = The share of texts whose nearest text in another language is their own translation.
    .title = Retrieval
    .why = It is what search across languages needs.
term-batch-wise = Every batch holds the same prompts in all languages.
    .title = Batch-wise alignment
    .source = arXiv 2509.23659
    .why = The loss stays the same over an epoch; only which gradients meet in one step changes.
term-group = One prompt's pairs in all languages.
    .title = Group
    .why = A group in one step pulls on one meaning everywhere at once.
term-optimiser-step = One change of the model's weights, made from the gradients of one batch or several.
    .title = Optimiser step
    .why = Languages help each other only if they are seen together.
term-dpo = Preference training without a reward model: the chosen response becomes likelier against a copy of the model from before, the rejected one less likely.
    .title = DPO
    .formula = L = −log σ(β [(log π(y_w) − log π₀(y_w)) − (log π(y_l) − log π₀(y_l))])
    .source = Rafailov et al. 2023
    .why = It is what most trainers do with the file that you take home.
term-log-prob = The logarithm of the probability that the model gives a text: the sum over its tokens, in nats.
    .title = Log-prob
    .why = Longer texts have lower ones, so compare them per token or against themselves.
term-beta = How firmly DPO holds the model to the copy from before.
    .title = Beta
    .source = Rafailov et al. 2023; 0.1 is usual
    .why = Small values let the model move far.
term-trl = A training library, and the shape of file that it defines: prompt, chosen and rejected as lists of messages.
    .title = TRL file
    .source = docs/formats.md
    .why = Most trainers read it, directly or after a renaming of columns.
term-review = People read pairs, keep them, swap them or leave them out, and the file says what they decided.
    .title = Review
    .why = Methods err where people notice it at once.
