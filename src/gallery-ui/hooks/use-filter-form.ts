import { useCallback, useEffect, useState } from 'react';
import type { Gallery } from '../model.ts';
import {
  type FilterForm,
  formFromSearch,
  queryFromForm,
  searchFromForm,
} from '../view/filter-form.ts';

/** The filter, kept in the address bar: a reload and a copied address show the same pictures. */
export function useFilterForm(gallery: Gallery): [FilterForm, (form: FilterForm) => void] {
  const [form, setForm] = useState(() => formFromSearch(location.search));

  const apply = useCallback(
    (next: FilterForm) => {
      setForm(next);
      // Replaced, not pushed: Back leaves the gallery and does not take letters out of a search.
      history.replaceState(history.state, '', `${location.pathname}${searchFromForm(next)}`);
      showQuery(gallery, next);
    },
    [gallery],
  );

  useEffect(() => {
    const onPopState = () => {
      const next = formFromSearch(location.search);
      setForm(next);
      showQuery(gallery, next);
    };
    window.addEventListener('popstate', onPopState);
    return () => window.removeEventListener('popstate', onPopState);
  }, [gallery]);

  return [form, apply];
}

/** A day that is half typed is no other query: nothing is loaded anew for it. */
function showQuery(gallery: Gallery, form: FilterForm): void {
  const query = queryFromForm(form);
  if (JSON.stringify(query) !== JSON.stringify(gallery.getSnapshot().query)) {
    gallery.setQuery(query);
    window.scrollTo({ top: 0 });
  }
}
