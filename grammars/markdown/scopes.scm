; What encloses the cursor: the sections, by their headings.
(section . (atx_heading heading_content: (_) @name)) @scope.section
