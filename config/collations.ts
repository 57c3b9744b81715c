/**
 * Collations of utf8mb4 that MySQL 9.7 has, without the character set in front.
 * `SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE CHARACTER_SET_NAME = 'utf8mb4'`
 */
const NAMES = `0900_ai_ci 0900_as_ci 0900_as_cs 0900_bin bg_0900_ai_ci bg_0900_as_cs bin bs_0900_ai_ci bs_0900_as_cs
croatian_ci cs_0900_ai_ci cs_0900_as_cs czech_ci danish_ci da_0900_ai_ci da_0900_as_cs de_pb_0900_ai_ci de_pb_0900_as_cs
eo_0900_ai_ci eo_0900_as_cs esperanto_ci estonian_ci es_0900_ai_ci es_0900_as_cs es_trad_0900_ai_ci es_trad_0900_as_cs
et_0900_ai_ci et_0900_as_cs general_ci german2_ci gl_0900_ai_ci gl_0900_as_cs hr_0900_ai_ci hr_0900_as_cs hungarian_ci
hu_0900_ai_ci hu_0900_as_cs icelandic_ci is_0900_ai_ci is_0900_as_cs ja_0900_as_cs ja_0900_as_cs_ks latvian_ci
la_0900_ai_ci la_0900_as_cs lithuanian_ci lt_0900_ai_ci lt_0900_as_cs lv_0900_ai_ci lv_0900_as_cs mn_cyrl_0900_ai_ci
mn_cyrl_0900_as_cs nb_0900_ai_ci nb_0900_as_cs nn_0900_ai_ci nn_0900_as_cs persian_ci pl_0900_ai_ci pl_0900_as_cs
polish_ci romanian_ci roman_ci ro_0900_ai_ci ro_0900_as_cs ru_0900_ai_ci ru_0900_as_cs sinhala_ci sk_0900_ai_ci
sk_0900_as_cs slovak_ci slovenian_ci sl_0900_ai_ci sl_0900_as_cs spanish2_ci spanish_ci sr_latn_0900_ai_ci
sr_latn_0900_as_cs sv_0900_ai_ci sv_0900_as_cs swedish_ci tr_0900_ai_ci tr_0900_as_cs turkish_ci unicode_520_ci unicode_ci
vietnamese_ci vi_0900_ai_ci vi_0900_as_cs zh_0900_as_cs`;

/** Collations that a site's schema may have: a server with another one does not start. */
export const COLLATIONS = NAMES.split(/\s+/).map((name) => `utf8mb4_${name}`);
