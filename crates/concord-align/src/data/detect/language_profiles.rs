//! What gives a Latin-script language away: common words, and the shapes of words.
//!
//! The lists are ours: function words, number words and the plain verbs that any text uses. `OTHER` holds
//! function words of neighbours (French, Portuguese, Italian, Dutch, Swedish, Danish, Turkish,
//! Indonesian, Polish) so that those end as "unsure" and not as the nearest of ours.

/// Evidence for one language. Words are in lower case, separated by spaces.
pub(super) struct Profile {
    /// Tag; `None` for languages that are only told apart.
    pub(super) tag: Option<&'static str>,
    /// Words that are common in it.
    pub(super) words: &'static str,
    /// Letters that the others hardly use.
    pub(super) letters: &'static str,
    pub(super) starts: &'static str,
    pub(super) ends: &'static str,
}

/// Evidence of all languages.
pub(super) const PROFILES: [Profile; 5] = [
    Profile {
        tag: Some("en"),
        words: "the of and to a in is it you that he was for on are with as his they be at one have this from \
            or had by not but what some we can out other were all there when up use your how said an each she \
            which do their time if will way about many then them would so these her him has more two could no \
            make than first been its who now people my made over did down only find may after back left total \
            three four five six seven eight nine ten eleven twelve twenty hundred gives buys gets still there's \
            does i me our us because into than also very where why answer therefore so altogether remain \
            every much any am most new here just should must number together away per",
        letters: "",
        starts: "wh th sh kn wr",
        ends: "ing ed tion ight ould ough ly ness ck sh th wn",
    },
    Profile {
        tag: Some("de"),
        words: "der die das und ist in zu den nicht von sie mit sich des auf für im dem ein eine einen einem einer \
            es er an auch als so wie bei aus nach hat haben war sind wird werden noch nur oder aber vor zur bis \
            mehr durch man dann da sein ihr ihre ihm ihn wenn doch kein keine über unter wir ich du euch uns was \
            wer wo warum viele viel jede jeder jedes jetzt insgesamt übrig bleiben bleibt gibt kauft hatte am \
            vom zum zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig hundert antwort also \
            macht davon je pro weil sehr schon gut alle allen beim hier dort heute morgen nun ja nein wurde \
            diese dieser dieses kann muss soll möchte mein meine dein bekommt liegen noch zusammen besitzt",
        letters: "äöüß",
        starts: "sch pf zw ge be ver ein auf über",
        ends: "en ung lich isch keit heit cht tz sst ßt igt ern eln",
    },
    Profile {
        tag: Some("es"),
        words: "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me \
            si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde \
            está mi porque qué sólo solo han yo hay vez puede todos así nos ni parte tiene él uno donde bien \
            tiempo mismo ese ahora cada e vida otro después te otros aunque esa eso hace otra gobierno tan \
            cuántos cuántas cuánto cuánta queda quedan compra da total tres cuatro cinco seis siete ocho nueve \
            diez once doce veinte cien respuesta entonces luego le les tenía tienen regala recibe gracias hola \
            estoy estás somos eres soy unos unas mucho muchos algunos mañana suma lleva",
        letters: "ñáíóú¿¡",
        starts: "cu qu ll",
        ends: "ción dad mente ado ada ando iendo os as illo ar ito ía",
    },
    Profile {
        tag: Some("sw"),
        words: "na ya wa kwa ni za katika la cha vya kama hii huo hiyo hizo hayo huyu yake wake lake zake vyake \
            yao wao kuwa ana anao ina una wana nina tuna mna lina kina vina zina kuna hakuna si sio bila lakini \
            au pia tu sana kila wote yote zote vyote ambayo ambao ambaye je nini nani gani wapi lini ngapi \
            mangapi vingapi mingapi wangapi kiasi jumla moja mbili wawili viwili mawili tatu watatu vitatu \
            matatu nne wanne tano watano vitano matano sita saba nane tisa kumi ishirini mia alikuwa ilikuwa \
            amebaki anabaki kisha sasa baada kabla ndani nje juu chini pamoja zaidi jibu kwamba hivyo kwa hiyo \
            ananunua anampa anapata amepata anauza anagawa alinunua alipata walikuwa tena bado mimi wewe yeye \
            sisi ninyi hapa pale huko leo kesho jana asante habari ndiyo hapana mtu watu siku mwaka mtoto watoto \
            hana basi ili hadi kutoka mwa pa ku nyingine mengine vingine sawa idadi",
        letters: "",
        starts: "ana ali ame ata wana wali wame wata nina nili tuna tuli kina vina ina ki vi mw ny ku ng mb nd",
        ends: "wa ia ika isha ana ngu ini",
    },
    Profile {
        tag: None,
        words: "le les des et est dans une pour qui que pas sur au avec il elle nous vous ce cette mais ou où sont \
            combien deux trois quatre reste du aux être avoir fait plus je tu ils \
            o os um uma não com do da dos das em são mas foi ele ela você quantos quantas quanto dois três muito \
            isso está tem mais ao pelo seu sua \
            il di che è per un non sono con del della gli nel alla quanti quante anche come più ha ho hai suo \
            due tre quattro questo \
            het een van en dat niet zijn op te voor met ik hij zij aan ook maar hoeveel heeft naar bij wordt er \
            deze dit nog uit om wat \
            och att det som på är av för med den till inte han hon jag vi har hur många \
            og er på til af ikke jeg hun de hvor mange med fra \
            ve bir bu da için ile çok ne kaç var olan gibi daha değil ben sen o \
            yang dan di ini itu dengan untuk tidak dari pada ada berapa akan juga saya dia mereka kami adalah \
            i w z na do nie jest się to ile ma jak po co są dla od przez ale",
        letters: "ãõçêèàâîôûëïøåæğışłąężźćńśěřů",
        starts: "",
        ends: "ção aux eaux ij sje kan nya lar ler",
    },
];
