"""What a column can be about, and what it is called in the languages and tools that files come from. Pure.

A heading is compared in its `plain` form: without case, accents, punctuation. Ambiguous words (“mail” in a column
of postal mail, “source”) are left out: a column that is not recognised is named, one that is taken wrongly is not.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Field(StrEnum):
    """What a column is about; the value is what `--map COLUMN=FIELD` calls it."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    LANGUAGE = "language"
    TOPICS = "topics"
    """Slugs of the list; one that it does not have costs the row."""
    EXCLUDED = "excluded"
    """Slugs of what they do not want."""
    DIGEST = "digest"
    TAGS = "tags"
    """Another tool's words; those that are slugs or labels of topics are taken, the others are counted."""
    TIMEZONE = "timezone"
    STATUS = "status"
    CONSENTED = "consented"
    """When they agreed."""
    LEFT = "left"
    """When they unsubscribed: whoever has something here did."""
    BOUNCED = "bounced"
    """When their address failed for good: it did for whoever has something here."""
    PAUSED_UNTIL = "paused_until"
    PROOF = "proof"
    """More that shows their consent, such as the IP address; may be several columns."""


_PUNCTUATION = re.compile(r"[\W_]+")


@lru_cache(4_096)
def plain(heading: str) -> str:
    """Return what makes two spellings of a heading the same: “E-Mail-Adresse” is “e mail adresse”."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    without = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _PUNCTUATION.sub(" ", without).strip()


def called() -> Mapping[str, Field]:
    """Return the field by the plain heading."""
    return _CALLED


_NAMES: Mapping[Field, str] = {
    Field.EMAIL: (
        "email, e-mail, mail, email address, e-mail address, mail address, email id, subscriber email, user email, "
        "courriel, adresse courriel, adresse de courriel, adresse e-mail, adresse email, adresse mail, "
        "adresse électronique, mél, e-mail-adresse, email-adresse, emailadresse, mailadresse, mail-adresse, "
        "deine e-mail adresse, indirizzo e-mail, indirizzo email, posta elettronica, correo, correo electrónico, "
        "dirección de correo, dirección de correo electrónico, dirección de email, endereço de e-mail, "
        "endereço de email, correio eletrónico, correio eletrônico, e-mailadres, emailadres, adres e-mail, "
        "adres email, e-post, epost, e-postadress, e-postadresse, mailadress, sähköposti, sähköpostiosoite, e-posta, "
        "e-posta adresi, e-mail cím, e-mailová adresa, emailová adresa, adresă de e-mail, adresa de e-mail, "
        "ηλεκτρονικό ταχυδρομείο, электронная почта, эл. почта, адрес электронной почты, електронна пошта, "
        "البريد الإلكتروني, דואר אלקטרוני, 邮箱, 电子邮件, 电子邮箱, 電子郵件, メールアドレス, 이메일"
    ),
    Field.NAME: (
        "name, full name, display name, subscriber name, user name, nom complet, nom et prénom, prénom et nom, "
        "nom prénom, prénom nom, vollständiger name, vor- und nachname, vor und nachname, nome completo, "
        "nome e cognome, nombre completo, nombre y apellidos, volledige naam, naam, imię i nazwisko, namn, navn, nimi, "
        "полное имя, имя и фамилия, الاسم, الاسم الكامل, 姓名, 名前, 氏名"
    ),
    Field.FIRST_NAME: (
        "first name, firstname, given name, forename, fname, prénom, prénoms, vorname, nome, nombre, nombre de pila, "
        "voornaam, imię, förnamn, fornavn, etunimi, имя, الاسم الأول, 名"
    ),
    Field.LAST_NAME: (
        "last name, lastname, surname, family name, lname, nom, nom de famille, nachname, familienname, cognome, "
        "apellido, apellidos, sobrenome, apelido, achternaam, nazwisko, efternamn, etternavn, efternavn, sukunimi, "
        "фамилия, اسم العائلة, 姓"
    ),
    Field.LANGUAGE: (
        "language, languages, lang, locale, preferred language, langue, langues, langue préférée, sprache, sprachen, "
        "lingua, lingue, idioma, idiomas, lengua, taal, język, språk, sprog, kieli, язык, اللغة, 语言, 言語"
    ),
    Field.TOPICS: "topics, topic, thèmes, sujets, themen, argomenti, temas, onderwerpen",
    Field.EXCLUDED: "excluded, excluded topics, sujets exclus, thèmes exclus, ausgeschlossene themen",
    Field.DIGEST: "digest",
    Field.TAGS: (
        "tags, tag, labels, label, étiquettes, mots-clés, centres d'intérêt, schlagwörter, interessen, etichette, "
        "etiquetas, interests"
    ),
    Field.TIMEZONE: "timezone, time zone, fuseau horaire, zeitzone, fuso orario, zona horaria, fuso horário, tijdzone",
    Field.STATUS: (
        "status, subscription status, subscriber status, email status, statut, état, abonnementstatus, stato, "
        "estado, статус, الحالة, 状态"
    ),
    Field.CONSENTED: (
        "consented, consented at, consent time, consent date, consent timestamp, since, subscribed at, subscribed on, "
        "subscription date, date subscribed, opt-in date, opt-in time, optin time, optin date, sign-up date, "
        "signup date, confirmed at, date d'inscription, date d'abonnement, date de consentement, inscrit le, "
        "anmeldedatum, anmeldung am, eintragungsdatum, einwilligung am, data di iscrizione, fecha de suscripción, "
        "fecha de alta, data de inscrição, inschrijfdatum"
    ),
    Field.LEFT: (
        "left, unsubscribed at, unsubscribed on, unsubscribe date, unsubscription date, unsubscribe time, "
        "date de désinscription, date de désabonnement, désinscrit le, abmeldedatum, abgemeldet am, "
        "data di cancellazione, fecha de baja"
    ),
    Field.BOUNCED: "bounced, bounced at, bounce date, bounced on",
    Field.PAUSED_UNTIL: "paused until",
    Field.PROOF: "proof, consent ip, opt-in ip, optin ip, signup ip, sign-up ip, confirmation ip",
}
_CALLED = {plain(name): field for field, names in _NAMES.items() for name in names.split(", ")}
