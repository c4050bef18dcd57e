; Of two patterns that match one name, the first counts.
(class_declaration "struct" name: (type_identifier) @name) @definition.struct
(class_declaration "enum" name: (type_identifier) @name) @definition.enum
(class_declaration name: (type_identifier) @name) @definition.class
(protocol_declaration name: (type_identifier) @name) @definition.interface
(typealias_declaration name: (type_identifier) @name) @definition.type
(associatedtype_declaration name: (type_identifier) @name) @definition.type
(enum_entry name: (simple_identifier) @name) @definition.member
(class_body (function_declaration name: (_) @name) @definition.method)
(enum_class_body (function_declaration name: (_) @name) @definition.method)
(protocol_function_declaration name: (_) @name) @definition.method
(init_declaration "init" @name) @definition.method
(function_declaration name: (_) @name) @definition.function
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field)
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.variable)

; A type parameter is no symbol of the file, and neither is its declaration a use of one.
(type_parameter (type_identifier) @name) @ignore

(call_expression . (simple_identifier) @name) @reference.call
(call_expression . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @name))) @reference.call
(user_type (type_identifier) @name) @reference.type
