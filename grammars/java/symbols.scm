(package_declaration (_) @name) @definition.module
(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(annotation_type_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.member
(method_declaration name: (identifier) @name) @definition.method
(constructor_declaration name: (identifier) @name) @definition.method
(compact_constructor_declaration name: (identifier) @name) @definition.method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.constant

; A type parameter is no symbol of the file, and neither is its declaration a use of one.
(type_parameter (type_identifier) @name) @ignore

(method_invocation name: (identifier) @name) @reference.call
(method_reference (identifier) @name .) @reference.call
[(marker_annotation name: (identifier) @name) (annotation name: (identifier) @name)] @reference.type
(type_identifier) @name @reference.type
