#include "tests/fakenet/cast.h"

#define SAY(topic, lang, text)                                                                                         \
	{                                                                                                              \
		TOPIC_##topic, lang, text, NULL, NULL, NULL                                                            \
	}
#define SHOW(topic, lang, photo, alt, text)                                                                            \
	{                                                                                                              \
		TOPIC_##topic, lang, text, NULL, photo, alt                                                            \
	}

const struct cast_line cast_world_lines[] = {
        SAY(LATE, "ja", "{at} 注文番号{order}、もう{n}日も「配達中」のままです。確認していただけますか?"),
        SAY(LATE, "ja", "{at} 再配達を二回お願いしたのに誰も来ません😢 注文{order}です"),
        SAY(DAMAGED, "ja", "{at} 届いたらフタが割れていました。交換はできますか。"),
        SAY(QUESTION, "ja", "{at} 緑色の再入荷はありますか?{n}か月待っています🍵"),
        SAY(PRAISE, "ja",
                "{at} 梱包がとても丁寧で感動しました。ありがとうございます🙇‍♀️"),
        SAY(THANKS, "ja", "{at} ご返信ありがとうございます。助かりました!"),
        SAY(ANGRY, "ja", "{at} 同じ返事を三回もらいました。本当に読んでいますか?"),
        SAY(TURNED, "ja", "{at} 今日届きました!対応が早くて見直しました✨"),

        SAY(LATE, "ar", "{at} طلبي رقم {order} متأخر منذ {n} أيام ولا أحد يرد على الهاتف."),
        SAY(DAMAGED, "ar", "{at} وصل المنتج مكسورًا، كيف أعيده؟"),
        SAY(QUESTION, "ar", "{at} هل توصلون إلى عمّان؟ لم أجد المدينة في القائمة."),
        SAY(PRAISE, "ar", "شكرًا {at} على الخدمة السريعة 🌹"),
        SAY(THANKS, "ar", "{at} شكرًا جزيلًا، فهمت الآن."),
        SAY(ANGRY, "ar", "{at} هذا نفس الرد السابق! أين الطلب {order}؟"),
        SAY(TURNED, "ar", "{at} وصل الطلب اليوم، أشكركم على الاهتمام ❤️"),

        SAY(LATE, "hi", "{at} मेरा ऑर्डर {order} {n} दिन से अटका हुआ है, कृपया देखिए।"),
        SAY(DAMAGED, "hi", "{at} डिब्बा ठीक था पर अंदर का सामान टूटा हुआ निकला 😞"),
        SAY(BILLING, "hi", "{at} पैसे दो बार कट गए हैं। ₹{n}00 वापस कब मिलेंगे?"),
        SAY(PRAISE, "hi", "{at} बहुत बढ़िया सेवा, धन्यवाद! 🙏🏽"),
        SAY(THANKS, "hi", "{at} धन्यवाद, अब समझ आया।"),
        SAY(ANGRY, "hi", "{at} आप हर बार यही कहते हैं। कोई समाधान है या नहीं?"),
        SAY(TURNED, "hi", "{at} सामान आ गया। इतनी जल्दी मदद की उम्मीद नहीं थी, शुक्रिया!"),

        SAY(LATE, "th", "{at} สั่งของเลขที่ {order} ไป {n} วันแล้วยังไม่ได้รับเลยค่ะ ช่วยตรวจสอบให้หน่อยนะคะ"),
        SAY(DAMAGED, "th", "{at} ของมาถึงแล้วแต่แตกค่ะ ขอเปลี่ยนได้ไหมคะ"),
        SAY(QUESTION, "th", "{at} ส่งเชียงใหม่ไหมคะ ค่าส่งเท่าไหร่"),
        SAY(PRAISE, "th", "ขอบคุณ {at} มากค่ะ แพ็กของดีมากกก 💖"),
        SAY(THANKS, "th", "{at} ขอบคุณค่ะ รอนะคะ"),
        SAY(TURNED, "th", "{at} ได้รับของแล้วค่ะ บริการดีเกินคาด 👍"),

        SAY(LATE, "el", "{at} η παραγγελία {order} «έρχεται» εδώ και {n} μέρες. Στο νησί μάλλον έρχεται κολυμπώντας."),
        SAY(BILLING, "el", "{at} με χρεώσατε δύο φορές. Πότε θα δω τα χρήματα;"),
        SAY(QUESTION, "el", "{at} στέλνετε στη Νάξο ή μόνο στην Αθήνα;"),
        SAY(PRAISE, "el", "Μπράβο {at}, ήρθε πριν από την ώρα του! 🇬🇷"),
        SAY(THANKS, "el", "{at} ευχαριστώ πολύ!"),
        SAY(ANGRY, "el", "{at} αυτό μου το είπατε και χθες."),
        SAY(TURNED, "el", "{at} ομολογώ ότι το λύσατε. Ευχαριστώ από καρδιάς."),

        SAY(LATE, "de", "{at} Bestellung {order} hängt seit {n} Tagen in {city}. Ich hänge jetzt auch."),
        SAY(LATE, "de",
                "{at} Laut Sendungsverfolgung beim Nachbarn abgegeben. Ich habe keinen Nachbarn. Ich habe Schafe."),
        SAY(DAMAGED, "de", "{at} Gehäuse gesprungen, Anleitung auf Niederländisch, Schraube übrig. Was nun?"),
        SAY(QUESTION, "de",
                "Moin {at}, gibt es Ersatzteile für die Kaffeemühle? Würde sie lieber reparieren als wegwerfen."),
        SAY(BILLING, "de", "{at} Rückerstattung zugesagt vor {n} Tagen. {price} € fehlen noch. Schöne Grüße"),
        SAY(PRAISE, "de", "{at} gestern bestellt, heute da, ohne Plastik. Geht doch! 🥳"),
        SAY(TAG, "de", "Hat jemand Erfahrung mit der Garantie bei {tag}? Bei mir klappert es nach zwei Wochen."),
        SAY(THANKS, "de", "{at} danke, das ging ja flott."),
        SAY(ANGRY, "de", "{at} Textbausteine kann ich auch. Was ist mit Bestellung {order}?"),
        SAY(TURNED, "de", "{at} Hut ab. Erst geschimpft, jetzt begeistert: Ersatz kam heute früh."),

        SAY(LATE, "fr",
                "{at} ma commande {order} est « en cours de livraison » depuis {n} jours. Il est parti à pied, le "
                "livreur ?"),
        SAY(DAMAGED, "fr", "{at} colis ouvert, théière en miettes. Je vous envoie une photo ?"),
        SAY(QUESTION, "fr", "Bonjour {at}, est-ce que la veste taille grand ou petit ?"),
        SAY(BILLING, "fr", "{at} débitée deux fois, {price} € chaque fois. Merci de regarder ça."),
        SAY(PRAISE, "fr", "Merci {at}, une vraie personne au téléphone, et drôle en plus 💐"),
        SAY(THANKS, "fr", "{at} merci, c'est noté !"),
        SAY(ANGRY, "fr", "{at} vous me répondez toujours la même chose. Lisez-vous mes messages ?"),
        SAY(TURNED, "fr", "{at} bon, j'avoue : réglé en une soirée. Chapeau."),

        SAY(LATE, "es", "{at} llevo {n} días esperando el pedido {order}. ¿Alguien lo puede mirar?"),
        SHOW(DAMAGED, "es", "caja.jpg", "Una caja de cartón aplastada por un lado",
                "{at} así llegó la caja. Lo de dentro, peor. 😤"),
        SAY(QUESTION, "es", "Hola {at}, ¿se puede recoger en la tienda de Sevilla?"),
        SAY(PRAISE, "es", "{at} ¡qué bien envuelto venía todo! Gracias 💛"),
        SAY(TAG, "es", "otro lunes, otro correo de {tag} diciendo que mi paquete «ya casi está»"),
        SAY(THANKS, "es", "{at} gracias, así sí."),
        SAY(ANGRY, "es", "{at} no me manden otro formulario, por favor. Pedido {order}. Ya está todo dicho."),
        SAY(TURNED, "es", "{at} retiro lo dicho: me llamaron, lo arreglaron y pidieron perdón. ¡Gracias!"),

        SAY(LATE, "pt", "{at} pedido {order} parado no centro de distribuição há {n} dias. Alguma novidade?"),
        SAY(DAMAGED, "pt", "{at} chegou com a tampa quebrada 😕 como faço a troca?"),
        SAY(BILLING, "pt", "{at} cobraram o frete duas vezes. Dá pra estornar?"),
        SAY(PRAISE, "pt", "{at} atendimento nota dez, obrigado à Mia! 🇧🇷"),
        SAY(THANKS, "pt", "{at} valeu, entendi."),
        SAY(TURNED, "pt", "{at} resolveram em duas horas. Assim dá gosto!"),

        SAY(LATE, "ko", "{at} 주문번호 {order} 배송이 {n}일째 멈춰 있어요. 확인 부탁드립니다."),
        SAY(DAMAGED, "ko", "{at} 상자는 멀쩡한데 안에 든 게 깨졌어요 ㅠㅠ"),
        SAY(PRAISE, "ko", "{at} 포장이 정말 꼼꼼하네요. 감사합니다!"),
        SAY(THANKS, "ko", "{at} 빠른 답변 감사합니다 :)"),
        SAY(TURNED, "ko", "{at} 오늘 받았어요. 이렇게 빨리 해결될 줄 몰랐네요 👍🏻"),

        SAY(LATE, "uk", "{at} замовлення {order} вже {n} днів «у дорозі». Дорога, мабуть, довга."),
        SAY(QUESTION, "uk", "{at} чи доставляєте до Дніпра?"),
        SAY(PRAISE, "uk", "{at} дякую, все прийшло ціле й вчасно 🌻"),
        SAY(THANKS, "uk", "{at} дякую за швидку відповідь!"),
        SAY(ANGRY, "uk", "{at} ви це вже писали вчора. Де посилка?"),

        SAY(LATE, "he", "{at} הזמנה {order} תקועה כבר {n} ימים. מישהו יכול לבדוק?"),
        SAY(QUESTION, "he", "{at} יש לכם את הקומקום גם בירוק?"),
        SAY(PRAISE, "he", "תודה {at}, הגיע מהר וארוז יפה 💙"),
        SAY(THANKS, "he", "{at} תודה רבה, עזרתם לי מאוד."),

        SAY(LATE, "tr", "{at} {order} numaralı sipariş {n} gündür şubede bekliyor, bir bakar mısınız?"),
        SAY(DAMAGED, "tr", "{at} kutu sağlam, içindeki kırık. İade nasıl oluyor?"),
        SAY(PRAISE, "tr", "{at} ilginiz için teşekkürler, İstanbul'a bir günde geldi 🚢"),
        SAY(THANKS, "tr", "{at} tamamdır, teşekkür ederim."),

        SAY(LATE, "zh", "{at} 订单{order}已经{n}天没有更新了,麻烦查一下好吗?"),
        SAY(DAMAGED, "zh", "{at} 收到的时候盖子是碎的,可以换吗?"),
        SAY(PRAISE, "zh", "{at} 客服态度特别好,点赞👍"),
        SAY(THANKS, "zh", "{at} 好的,谢谢你们!"),
        SAY(TURNED, "zh", "{at} 今天收到了,处理得很快,之前的气消了😄"),
};
const size_t cast_world_lines_count = sizeof cast_world_lines / sizeof cast_world_lines[0];
