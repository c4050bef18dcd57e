; What other files speak of: an element's id is a definition, a class that it carries a reference.
((attribute (attribute_name) @_attribute (quoted_attribute_value (attribute_value) @name)) @definition.section
  (#eq? @_attribute "id"))
((attribute (attribute_name) @_attribute (quoted_attribute_value (attribute_value) @name)) @reference.class
  (#eq? @_attribute "class")
  (#match? @name "^\\S+$"))
