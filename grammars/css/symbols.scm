; A class and an id are defined by every rule that selects them.
(class_selector (class_name) @name) @definition.class
(id_selector (id_name) @name) @definition.section
(keyframes_statement (keyframes_name) @name) @definition.section
((declaration (property_name) @name) @definition.variable (#match? @name "^--"))

((call_expression (function_name) @_function (arguments (plain_value) @name)) @reference.variable
  (#eq? @_function "var"))
(call_expression (function_name) @name) @reference.call
