dist_man_MANS += doc/raypss.1 doc/ray_pss.8
dist_doc_DATA += \
	contrib/plugstack.conf.d/ray_pss.conf \
	doc/record.schema.json
EXTRA_DIST += \
	tests/docs/run \
	tests/docs/test_docs.py
