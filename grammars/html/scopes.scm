; What encloses the cursor: the elements, by their tags.
(element (start_tag (tag_name) @name)) @scope.section
(script_element (start_tag (tag_name) @name)) @scope.section
(style_element (start_tag (tag_name) @name)) @scope.section
