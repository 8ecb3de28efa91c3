import { createRoot } from 'react-dom/client';
import { App } from './components/app.tsx';
import { createGallery } from './gallery.ts';
import { formFromSearch, queryFromForm } from './view/filter-form.ts';
import { createUploadSummary } from './view/upload-summary.ts';

const gallery = createGallery({ query: queryFromForm(formFromSearch(location.search)) });
const page = document.getElementById('page');
if (page) {
  createRoot(page).render(<App gallery={gallery} summary={createUploadSummary(gallery)} />);
}
