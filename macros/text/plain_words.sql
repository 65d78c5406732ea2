{#- Text as its words: letters and digits in lower case, one space between two words, none around; apostrophes vanish
    first, since CHILD'S is one word, as CHILDS is. Descriptions and phrases are compared in this form alone. -#}
{% macro plain_words(column) -%}
    trim({{ replace_all("replace(lower(" ~ column ~ "), '''', '')", '[^\\p{L}\\p{N}]+', ' ') }})
{%- endmacro %}
