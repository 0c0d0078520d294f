"""What outputs of a notebook carry for the pages that are made of them: known to those who write and to those who read."""

ILLUSTRATIVE = "本页含示例数据，不是任何地区的真实情况"
HEADLINE_MIME = "application/vnd.assessment.headline+json"
KEYS_MIME = "application/vnd.assessment.keys+json"
STYLE_TAG = '<style class="ys-style">'
